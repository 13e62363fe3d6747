/** A configuration with which no channel may open; `message` says what is wrong and `remedy` what to do, one line each. */
export class RpcConfigError extends Error {
  override readonly name = 'RpcConfigError';
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
