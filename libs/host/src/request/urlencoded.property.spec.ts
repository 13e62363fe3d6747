import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../listener/limits.ts';
import { parseUrlencoded, UrlencodedError } from './urlencoded.ts';

/** The pairs that were read, or undefined where they were refused; nothing else may happen. */
function read(bytes: Uint8Array) {
  try {
    return parseUrlencoded(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UrlencodedError);
    return undefined;
  }
}

const piece = fc.constantFrom(
  'a',
  'b',
  '=',
  '&',
  '+',
  '%',
  '%4',
  '%41',
  '%C3%A9',
  '%c3',
  '%00',
  '%26',
  '%3D',
  'é',
  '\0',
  ';',
  '__proto__',
  '%+1',
  '% 1',
);
const nearlyForm = fc.oneof(
  fc.array(piece, { maxLength: 20 }).map((parts) => Buffer.from(parts.join(''))),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

describe('urlencoded pairs [RFC6749-B]', () => {
  it('are refused, or are the pairs that the reader of every browser sees', () => {
    fc.assert(
      fc.property(nearlyForm, (bytes) => {
        const pairs = read(bytes);
        if (pairs !== undefined) expect(pairs).toEqual([...new URLSearchParams(`&${bytes.toString()}`)]);
      }),
    );
  });

  it('are read exactly when the rules written down here a second time hold', () => {
    fc.assert(
      fc.property(nearlyForm, (bytes) => {
        expect(read(bytes) !== undefined).toBe(isStrict(bytes));
      }),
    );
  });

  it('are read back whatever was written', () => {
    const text = fc
      .oneof(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: fc.nat(0x10ffff).map((point) => String.fromCodePoint(point)), maxLength: 5 }),
      )
      .filter((value) => !value.includes('\0') && value.isWellFormed());
    const pairs = fc.array(
      fc.tuple(
        text.filter((value) => value !== ''),
        text,
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pairs, (written) => {
        expect(read(Buffer.from(new URLSearchParams(written).toString()))).toEqual(written);
      }),
    );
  });

  it('take no more than their time in the largest body', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (parts) => {
        read(Buffer.alloc(LIMITS.bodyLimit, parts.join('')));
      }),
      { numRuns: 30 },
    );
  });
});

/** Every escape whole, UTF-8 without fault, no NUL, no pair without a name. */
function isStrict(bytes: Buffer): boolean {
  return bytes
    .toString('latin1')
    .split('&')
    .filter((pair) => pair !== '')
    .every((pair) => {
      if (pair.startsWith('=') || !/^(?:%[0-9A-Fa-f]{2}|[^%])*$/s.test(pair)) return false;
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')].every((part) => {
        const decoded = part.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
        const raw = Buffer.from(decoded, 'latin1');
        return !decoded.includes('\0') && Buffer.from(raw.toString('utf8')).equals(raw);
      });
    });
}
