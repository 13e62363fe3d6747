import type { KeyObject, X509Certificate } from 'node:crypto';
import type { DistinguishedName } from '../distinguished-name.ts';
import type { KeyKind } from './key-pair.ts';

/** What a leaf may be used for: its extended key usage. `none` leaves the extension out. */
export type Purpose = 'server' | 'client' | 'both' | 'none';

/** A private key and its certificate, allowed to sign others. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Own certificate first, then up to but without the root; empty for a root. What a server sends after its leaf. */
  readonly chain: readonly X509Certificate[];
}

export interface AuthorityRequest {
  /** RFC 4514 text or structure. */
  readonly subject: string | DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Source of the serial number. */
  readonly random: (bytes: number) => Buffer;
  /** P-256 when absent; a key object re-certifies an existing key. */
  readonly key?: KeyKind | KeyObject;
}

export interface LeafRequest extends AuthorityRequest {
  readonly issuer: Authority;
  readonly purpose: Purpose;
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly string[];
  readonly emails?: readonly string[];
}

/** A leaf certificate and its private key. `certificatePem` carries the intermediates after the leaf. */
export interface Leaf {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly certificatePem: string;
  readonly keyPem: string;
}

export function createRoot(_request: AuthorityRequest): Authority {
  throw new Error('not built yet');
}
export function createIntermediate(_request: AuthorityRequest & { issuer: Authority; purpose: Purpose }): Authority {
  throw new Error('not built yet');
}
export function issueLeaf(_request: LeafRequest): Leaf {
  throw new Error('not built yet');
}
