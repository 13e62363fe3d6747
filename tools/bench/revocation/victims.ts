import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { issueLeaf } from '@holdfast/mtls/authority';
import type { Leaf } from '@holdfast/mtls/authority';
import { loadIssuer, noteIssued, PRIVATE, PUBLIC, writeWhole } from '@holdfast/pki';
import type { AuthorityName } from '@holdfast/pki';
import type { Holder } from '../cpu/http.ts';

/** A certificate that is going to be taken back. */
export interface Victim {
  /** Where it lies in the home, below `pki`, without ending. */
  readonly holder: Holder;
  readonly cert: string;
  readonly key: string;
  readonly serial: string;
}

const HOUR = 3_600_000;

/** A second certificate of the developer and a second one of the bank, so that nobody else is hurt. */
export function issueVictims(home: string): { readonly participant: Victim; readonly service: Victim } {
  return {
    participant: issueVictim(home, 'participants', {
      subject: 'CN=developer',
      dnsNames: ['client.developer.localhost'],
      purpose: 'client',
    }),
    service: issueVictim(home, 'services', {
      subject: 'CN=bank,O=Holdfast services',
      uris: ['spiffe://holdfast.test/bank'],
      purpose: 'both',
    }),
  };
}

type Names = Pick<Parameters<typeof issueLeaf>[0], 'subject' | 'dnsNames' | 'uris' | 'purpose'>;

function issueVictim(home: string, purpose: AuthorityName, names: Names): Victim {
  const now = new Date();
  const issuer = loadIssuer(home, purpose, now);
  const times = { notBefore: new Date(now.getTime() - 60_000), notAfter: new Date(now.getTime() + HOUR) };
  const leaf: Leaf = issueLeaf({ ...names, ...times, issuer, random: randomBytes });
  const holder: Holder = `bench/${purpose}`;
  writeWhole(join(home, 'pki', `${holder}.key`), leaf.keyPem, PRIVATE);
  writeWhole(join(home, 'pki', `${holder}.crt`), leaf.certificatePem, PUBLIC);
  // Without a line in its register the authority could not name it on a list.
  noteIssued(home, { purpose, name: holder, certificate: leaf.certificate, now });
  return { holder, cert: leaf.certificatePem, key: leaf.keyPem, serial: leaf.certificate.serialNumber };
}
