// Asking and answering whether a certificate is still good. RFC 6960.
export { certificateId, isOf } from './certificate-id.ts';
export type { CertificateId } from './certificate-id.ts';
export { createOcspRequest, readOcspRequest } from './ocsp-request.ts';
export type { OcspRequest } from './ocsp-request.ts';
export { readOcspResponse, writeOcspError, writeOcspResponse } from './ocsp-response.ts';
export type { ExpectedAnswer, OcspAnswer, OcspSigner, OcspStatus } from './ocsp-response.ts';
