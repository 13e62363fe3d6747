import { randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createIntermediate, issueSelfSigned } from '@holdfast/mtls/authority';
import type { LeafRequest } from '@holdfast/mtls/authority';
import { asAuthority, HomeAuthority, inForce, pemsOf } from './home-authority.ts';
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

/** The authority that vouches for participants, with its private key: what an attacker would need, and a suite needs too. */
export class Participants extends HomeAuthority {
  constructor(home: string) {
    super(home, 'participants');
  }

  /** By the holder of one of its own certificates, who is entitled to nothing. */
  issueBy(holder: PemIdentity, order: Order): PemIdentity {
    return this.issue({ ...order, issuer: asAuthority(holder) });
  }

  /** By a second authority of the same root, as trusted as the first one. */
  issueBySibling(order: Order, key?: KeyObject): PemIdentity {
    const subject = 'CN=participants-sibling,O=Holdfast';
    const own = key === undefined ? {} : { key };
    const made = { ...inForce(), ...own, issuer: this.root, subject, purpose: 'client', random: randomBytes } as const;
    return this.issue({ ...order, issuer: createIntermediate(made) });
  }
}

export const selfSigned = (order: Order): PemIdentity =>
  pemsOf(issueSelfSigned({ purpose: 'client', random: randomBytes, ...inForce(), ...order }));

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
