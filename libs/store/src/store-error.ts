/**
 * The store cannot be opened or used as configured. `message` and `remedy` are one line each: the first says what is
 * wrong, the second what the operator should do. Neither carries a password, a key or a stored value.
 */
export class StoreError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.remedy = remedy;
  }
}
