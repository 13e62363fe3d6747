export type { KeyKind } from './key-pair.ts';
export { createIntermediate, createRoot, issueLeaf } from './issue.ts';
export type { Authority, AuthorityRequest, Leaf, LeafRequest, Purpose } from './issue.ts';
export { issueCrl } from './crl.ts';
export { toPkcs12 } from './pkcs12.ts';
export { createSigningJwks } from './signing-jwks.ts';
