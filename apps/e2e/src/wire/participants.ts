import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createIntermediate, issueLeaf, issueSelfSigned } from '@holdfast/mtls/authority';
import type { Authority, LeafRequest } from '@holdfast/mtls/authority';
import type { PemIdentity } from './http.ts';

/** A name in a certificate as structure, outermost first; texts go into it as they are. */
export type Name = readonly (readonly Attribute[])[];

interface Attribute {
  readonly type: string;
  readonly text: string | undefined;
  readonly der: Buffer | undefined;
}

export const cn = (text: string): Attribute => ({ type: '2.5.4.3', text, der: undefined });
export const o = (text: string): Attribute => ({ type: '2.5.4.10', text, der: undefined });
export const ou = (text: string): Attribute => ({ type: '2.5.4.11', text, der: undefined });
/** As a PrintableString rather than a UTF8String; up to 127 characters. */
export const printable = ({ type, text = '' }: Attribute): Attribute => {
  const content = Buffer.from(text, 'ascii');
  return { type, text, der: Buffer.concat([Buffer.of(0x13, content.length), content]) };
};

export type Order = Pick<LeafRequest, 'dnsNames' | 'uris' | 'emails' | 'ips' | 'key'> &
  Partial<Pick<LeafRequest, 'purpose' | 'notBefore' | 'notAfter'>> & { readonly subject: string | Name };

const MINUTE = 60_000;
const times = () => ({ notBefore: new Date(Date.now() - MINUTE), notAfter: new Date(Date.now() + 60 * MINUTE) });
const leaf = { purpose: 'client', random: randomBytes } as const;

/** The authority that vouches for participants, with its private key: what an attacker would need, and a suite needs too. */
export class Participants {
  readonly #root: Authority;
  readonly #intermediate: Authority;

  constructor(home: string) {
    const folder = join(home, 'pki/authority/participants');
    const read = (name: string): { certificate: X509Certificate; key: KeyObject } => ({
      certificate: new X509Certificate(readFileSync(join(folder, `${name}.crt`))),
      key: createPrivateKey(readFileSync(join(folder, `${name}.key`))),
    });
    this.#root = { ...read('root'), chain: [] };
    const intermediate = read('intermediate');
    this.#intermediate = { ...intermediate, chain: [intermediate.certificate] };
  }

  issue(order: Order): PemIdentity {
    return pems(issueLeaf({ ...leaf, ...times(), ...order, issuer: this.#intermediate }));
  }

  /** By the holder of one of its own certificates, who is entitled to nothing. */
  issueBy({ cert, key }: PemIdentity, order: Order): PemIdentity {
    const certificate = new X509Certificate(cert);
    const issuer = { certificate, key: createPrivateKey(key), chain: [certificate, ...this.#intermediate.chain] };
    return pems(issueLeaf({ ...leaf, ...times(), ...order, issuer }));
  }

  /** By a second authority of the same root, as trusted as the first one. */
  issueBySibling(order: Order, key?: KeyObject): PemIdentity {
    const subject = 'CN=participants-sibling,O=Holdfast';
    const own = key === undefined ? {} : { key };
    const sibling = {
      ...times(),
      ...own,
      issuer: this.#root,
      subject,
      purpose: 'client',
      random: randomBytes,
    } as const;
    return pems(issueLeaf({ ...leaf, ...times(), ...order, issuer: createIntermediate(sibling) }));
  }
}

export const selfSigned = (order: Order): PemIdentity => pems(issueSelfSigned({ ...leaf, ...times(), ...order }));

const pems = ({ certificatePem, keyPem }: { certificatePem: string; keyPem: string }): PemIdentity => ({
  cert: certificatePem,
  key: keyPem,
});

/** The same certificate, presented without what came with it. */
export const leafAlone = ({ cert, key }: PemIdentity): PemIdentity => ({
  cert: new X509Certificate(cert).toString(),
  key,
});

/** The same certificate, presented with others behind its chain. */
export const followedBy = ({ cert, key }: PemIdentity, ...others: readonly PemIdentity[]): PemIdentity => ({
  cert: [cert, ...others.map((other) => other.cert)].join(''),
  key,
});
