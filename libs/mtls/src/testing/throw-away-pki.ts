import type { Authority, Leaf, LeafRequest } from '../authority/index.ts';
import type { IdentitySource } from '../identity.ts';
import type { PeerCertificate } from '../peer-certificate.ts';
import type { Trust } from '../trust.ts';

/** The leaves of the home layout, `<holder>/<name>`. */
export type LeafName =
  | 'authorization-server/browser'
  | 'authorization-server/mtls'
  | 'authorization-server/service'
  | 'bank/api'
  | 'bank/service'
  | 'fintech/web'
  | 'fintech/transport'
  | 'lab/web'
  | 'lab/service'
  | 'lab/first-client'
  | 'lab/second-client'
  | 'lab/lookalike'
  | 'lab/expired'
  | 'lab/wrong-eku'
  | 'lab/no-eku'
  | 'developer/client';

/** One root, its intermediate, and the bundle that trusts both. */
export interface TrustDomain {
  readonly root: Authority;
  readonly intermediate: Authority;
  readonly trust: Trust;
}

/** What may be asked of an odd certificate; what is left out is that of an ordinary client leaf of this moment. */
export type OddLeaf = Partial<Omit<LeafRequest, 'random'>>;

export interface ThrowAwayPki {
  readonly web: TrustDomain;
  readonly participants: TrustDomain;
  readonly services: TrustDomain;
  /** One of the listed leaves, made on first use. */
  leaf(name: LeafName): Leaf;
  /** The same leaf as an identity that never changes by itself. */
  identity(name: LeafName | Leaf): IdentitySource & { swap(next: Leaf): void };
  /** The leaf as the peer's side parses it. */
  peer(name: LeafName | Leaf, handshakeError?: string): PeerCertificate;
  /** Any odd certificate, signed by the participants' intermediate unless `issuer` says otherwise. */
  mint(odd?: OddLeaf): Leaf;
  /** A root and intermediate of the same names as the participants', with keys nobody trusts. */
  rogue(): TrustDomain;
  /** Writes everything under `home` in the layout the applications read. */
  write(home: string): void;
}

export function throwAwayPki(_options: { now?: Date } = {}): ThrowAwayPki {
  throw new Error('not built yet');
}
