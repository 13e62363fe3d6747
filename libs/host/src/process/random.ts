import { randomBytes, randomFillSync } from 'node:crypto';

/** Unpredictable values from the operating system, as an argument. */
export interface Random {
  /** @param count how many bytes */
  bytes(count: number): Buffer;
  /** @param bits how many bits of randomness the base64url text carries at least */
  token(bits: number): string;
}

/** Bytes fetched from the operating system at once: to ask for a few costs as much as to ask for many. Our choice. */
export const STOCK = 2048;

/** Random bytes that nobody has had yet. What was handed out is wiped, so that the stock never tells a token that is in use. */
class Stock {
  readonly #bytes = Buffer.alloc(STOCK);
  #next = STOCK;

  token(count: number): string {
    if (count > STOCK) return randomBytes(count).toString('base64url');
    if (this.#next + count > STOCK) {
      randomFillSync(this.#bytes);
      this.#next = 0;
    }
    const taken = this.#bytes.subarray(this.#next, this.#next + count);
    this.#next += count;
    const text = taken.toString('base64url');
    taken.fill(0);
    return text;
  }
}

const stock = new Stock();

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  token: (bits) => stock.token(Math.ceil(bits / 8)),
};
