/** Bytes that were offered as a certificate (or as part of one) and are not one under the strict reading of DER. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: 'unreadable';

  constructor(code: 'unreadable', detail: string, options?: ErrorOptions) {
    super(`certificate ${code}: ${detail}`, options);
    this.code = code;
  }
}
