import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { issueLeaf } from '@holdfast/mtls/authority';
import { lifetime, loadIssuer, noteIssued, PRIVATE, PUBLIC, purposeOf, readPkiList, writeWhole } from '@holdfast/pki';

/** The doors of the authorization server, which in Holdfast it enrols for itself. */
export const DOORS = { browser: 'authorization-server/browser', mtls: 'authorization-server/mtls' } as const;

/** Issues the certificates of those doors by hand, for contenders that enrol for nothing; Holdfast takes the same ones up. */
export function issueDoors(home: string, now: Date): void {
  const list = readPkiList();
  for (const name of Object.values(DOORS)) {
    const leaf = list.leaves[name];
    if (leaf === undefined) throw new TypeError(`${name} is not in the list`);
    const issued = issueLeaf({
      issuer: loadIssuer(home, leaf.authority, now),
      subject: leaf.subject,
      dnsNames: leaf.dns ?? [],
      purpose: purposeOf(leaf, list),
      key: leaf.key,
      ...lifetime(leaf, list, now),
      random: randomBytes,
    });
    writeWhole(join(home, 'pki', `${name}.key`), issued.keyPem, PRIVATE);
    writeWhole(join(home, 'pki', `${name}.crt`), issued.certificatePem, PUBLIC);
    noteIssued(home, { purpose: leaf.authority, name, certificate: issued.certificate, now });
  }
}
