import { describe, expect, it } from 'vitest';
import { STOCK, systemRandom } from './random.ts';

const MANY = 4_000;

describe('random tokens of the system', () => {
  it('never come twice, also where the stock is filled again in between', () => {
    const tokens = Array.from({ length: MANY }, () => systemRandom.token(256));
    expect(new Set(tokens).size).toBe(MANY);
    // Nor do two of them share a piece: every byte is handed out once.
    const halves = tokens.flatMap((token) => [token.slice(0, 20), token.slice(-20)]);
    expect(new Set(halves).size).toBe(2 * MANY);
  });

  it.each([128, 130, 256, 8 * STOCK, 8 * STOCK + 8])('carry at least the %i bits that were asked for', (bits) => {
    for (let count = 0; count < 3; count++) {
      const bytes = Buffer.from(systemRandom.token(bits), 'base64url');
      expect(bytes).toHaveLength(Math.ceil(bits / 8));
      // A stretch of the stock that was handed out before is zeros.
      expect(bytes.includes(Buffer.alloc(5))).toBe(false);
    }
  });

  it('are as random as bytes are: every value of a byte turns up', () => {
    const seen = new Set(
      Array.from({ length: MANY }, () => [...Buffer.from(systemRandom.token(256), 'base64url')]).flat(),
    );
    expect(seen.size).toBe(256);
  });
});
