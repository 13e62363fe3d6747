/** Key or trust material on disk that must not be used; `message` says what is wrong and `remedy` what to do, one line each. */
export class MtlsConfigError extends Error {
  override readonly name = 'MtlsConfigError';
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
