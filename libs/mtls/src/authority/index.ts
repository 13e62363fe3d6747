export { CertificationRequestError, readCertificationRequest } from './certification-request.ts';
export type { CertificationRequest, CertificationRequestReason } from './certification-request.ts';
export { writeCertsOnly } from './certs-only.ts';
export { issueCrl } from './crl.ts';
export type { CrlRequest, RevokedEntry } from './crl.ts';
export type { Purpose } from './extensions.ts';
export {
  certify,
  createIntermediate,
  createRoot,
  issueLeaf,
  issueOcspSigner,
  issueSelfSigned,
  keyPemOf,
} from './issue.ts';
export type {
  Authority,
  CertificateRequest,
  Certified,
  CertifyRequest,
  IntermediateRequest,
  Leaf,
  LeafRequest,
  SelfSignedRequest,
} from './issue.ts';
export type { KeyKind } from './key-pair.ts';
export { toPkcs12 } from './pkcs12.ts';
export type { Pkcs12Request } from './pkcs12.ts';
