/** Bytes that were offered as a certificate (or as part of one) and are not one under the strict reading of DER, or are too many. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: 'unreadable' | 'too_large';

  constructor(code: CertificateError['code'], detail: string, options?: ErrorOptions) {
    super(`certificate ${code}: ${detail}`, options);
    this.code = code;
  }
}
