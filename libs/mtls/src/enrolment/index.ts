// What somebody needs who asks for a certificate and signs none: a key, a request, and the answer read.
export { createCertificationRequest } from '../authority/certification-request.ts';
export type { CertificationRequestWish } from '../authority/certification-request.ts';
export { readCertsOnly } from '../authority/certs-only.ts';
export type { AlternativeNameRequest } from '../authority/extensions.ts';
export { keyPemOf } from '../authority/issue.ts';
export { generateKey } from '../authority/key-pair.ts';
export type { KeyKind } from '../authority/key-pair.ts';
