import { inspect } from 'node:util';

/**
 * A token, code, verifier or password in the lab's hands. Printed, logged or put into JSON it shows its first eight
 * characters and its length; only {@link Secret.reveal} gives the value, and only the code that builds a request calls it.
 * A lab about stolen tokens must not be the place where the next one leaks.
 */
export class Secret {
  readonly #value: string;
  /** Public words in front of the value, such as `Bearer `. */
  readonly #before: string;

  constructor(value: string, before = '') {
    this.#value = value;
    this.#before = before;
  }

  /** The whole text as it goes onto the wire. */
  reveal(): string {
    return this.#before + this.#value;
  }

  /** `Bearer eyJhbGci… (812 characters)`: enough to recognise, too little to use. */
  get shown(): string {
    const head = this.#value.length > 16 ? this.#value.slice(0, 8) : '';
    return `${this.#before}${head}… (${this.#value.length} characters)`;
  }

  /** The same secret with public words in front, for a header. */
  after(before: string): Secret {
    return new Secret(this.#value, before);
  }

  toString(): string {
    return this.shown;
  }

  toJSON(): string {
    return this.shown;
  }

  [inspect.custom](): string {
    return this.shown;
  }
}

/** A value that goes onto the wire: public text, or a secret that is shown shortened. */
export type Printable = string | Secret;

export function onTheWire(value: Printable): string {
  return typeof value === 'string' ? value : value.reveal();
}

/** What may be printed of a value. Long public texts are cut, encoded ones such as a pasted certificate to a glimpse. */
export function shown(value: Printable, longest = 96): string {
  const text = typeof value === 'string' ? value : value.shown;
  const isEncoded = /[\w+/%=-]{64,}/.test(text);
  if (isEncoded) return `${text.slice(0, 20)}… (${text.length} characters)`;
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** `Authorization: Bearer …` as a header. RFC6750-2.1 */
export function bearer(token: Secret): readonly [name: string, value: Secret] {
  return ['authorization', token.after('Bearer ')];
}
