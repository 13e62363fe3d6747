export { LISTED_LEAVES } from './listed-leaves.ts';
export type { DomainName, LeafName, ListedLeaf } from './listed-leaves.ts';
export type { StateChange } from './trust-state-of.ts';
export { throwAwayPki } from './throw-away-pki.ts';
export type { OddLeaf, SwappableIdentity, ThrowAwayPki, TrustDomain } from './throw-away-pki.ts';
