export { throwAwayPki } from './throw-away-pki.ts';
export type { LeafName, OddLeaf, ThrowAwayPki, TrustDomain } from './throw-away-pki.ts';
