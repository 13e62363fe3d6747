import { createHash } from 'node:crypto';

/**
 * A small reproducible generator (sfc32) for the demo households: the same seed tells the same story on every machine.
 * For stories only; nothing that must not be guessed may come from here.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.#a = digest.readUInt32LE(0);
    this.#b = digest.readUInt32LE(4);
    this.#c = digest.readUInt32LE(8);
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  /** A whole number from `lowest` to `highest`, both included. */
  between(lowest: number, highest: number): number {
    return lowest + (this.#next() % (highest - lowest + 1));
  }

  /** True in `percent` of 100 draws. */
  chance(percent: number): boolean {
    return this.#next() % 100 < percent;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.#next() % choices.length] ?? choices[0];
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
