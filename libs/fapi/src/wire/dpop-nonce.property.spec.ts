import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText, damagedText } from '../testing/jws.ts';
import { dpopNonces } from './dpop-nonce.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 64 });
const step = fc.integer({ min: 1, max: 3_600 });
const epoch = fc.integer({ min: 0, max: 4_102_444_800 });
const at = (seconds: number): Date => new Date(seconds * 1000);

describe('a DPoP nonce [RFC9449-8]', () => {
  it('is good in its step of time and in the next, and never before or afterwards [RFC9449-8.2]', () => {
    fc.assert(
      fc.property(
        key,
        step,
        epoch,
        fc.integer({ min: -3, max: 3 }),
        fc.nat(3_600),
        (secret, length, now, steps, more) => {
          const nonces = dpopNonces(secret, length);
          const later = Math.max(0, now + steps * length + (more % length));
          const passed = Math.floor(later / length) - Math.floor(now / length);
          expect(nonces.accepts(nonces.issue(at(now)), at(later))).toBe(passed === 0 || passed === 1);
        },
      ),
    );
  });

  it('is the same from every replica with the key, and worth nothing where the key or the step is another', () => {
    fc.assert(
      fc.property(key, key, step, step, epoch, (a, b, length, other, now) => {
        const nonce = dpopNonces(a, length).issue(at(now));
        expect(dpopNonces(Uint8Array.from(a), length).issue(at(now))).toBe(nonce);
        const sameKey = Buffer.from(a).equals(Buffer.from(b));
        expect(dpopNonces(b, length).accepts(nonce, at(now))).toBe(sameKey);
        expect(dpopNonces(a, other).accepts(nonce, at(now))).toBe(length === other);
      }),
    );
  });

  it('is refused after any change, and when it is anything else', () => {
    const nonces = dpopNonces(new Uint8Array(32).fill(7), 60);
    const nonce = nonces.issue(at(1_780_315_200));
    fc.assert(
      fc.property(fc.oneof(damagedText(nonce), anyText(50), fc.constantFrom('', `${nonce}=`, `${nonce}\0`)), (text) => {
        expect(nonces.accepts(text, at(1_780_315_200))).toBe(false);
      }),
    );
  });
});
