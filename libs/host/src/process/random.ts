import { randomBytes } from 'node:crypto';

/** Unpredictable values from the operating system, as an argument. */
export interface Random {
  /** @param count how many bytes */
  bytes(count: number): Buffer;
  /** @param bits how many bits of randomness the base64url text carries at least */
  token(bits: number): string;
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  token: (bits) => randomBytes(Math.ceil(bits / 8)).toString('base64url'),
};
