import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText, damagedText, encodePart } from '../testing/jws.ts';
import { isCompactJws } from './compact-jws.ts';

const text = fc.oneof(
  fc.string(),
  anyText(10).filter((one) => one.isWellFormed()),
);
const object = fc.dictionary(
  text.filter((name) => !/["\\]|[^ -~]|^__proto__$/.test(name)),
  fc.jsonValue({ maxDepth: 1 }),
);
const clean = object.filter((value) => !/\\|__proto__/.test(JSON.stringify(value)));
const jws = fc
  .tuple(clean, clean, fc.uint8Array({ minLength: 1, maxLength: 70 }))
  .map(
    ([header, payload, signature]) =>
      `${encodePart(header)}.${encodePart(payload)}.${Buffer.from(signature).toString('base64url')}`,
  );

describe('a compact JWS [RFC7515-7.1]', () => {
  it('is what is built of two objects and a signature', () => {
    fc.assert(
      fc.property(jws, (written) => {
        expect(isCompactJws(written)).toBe(true);
      }),
    );
  });

  it('has one text for what it decodes to [RFC4648-3.5]', () => {
    const decoded = (one: string): string[] =>
      one.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
    fc.assert(
      fc.property(
        jws.chain((written) => fc.tuple(fc.constant(written), damagedText(written))),
        ([written, damaged]) => {
          if (isCompactJws(damaged)) expect(decoded(damaged)).not.toEqual(decoded(written));
        },
      ),
    );
  });

  it('holds nothing but letters, digits, two signs and two dots', () => {
    fc.assert(
      fc.property(fc.oneof(jws.chain(damagedText), text), (damaged) => {
        if (isCompactJws(damaged)) expect(damaged).toMatch(/^[\w-]+\.[\w-]+\.[\w-]*$/);
      }),
    );
  });

  it('is none when a member of header or payload stands twice [RFC7519-4]', () => {
    const twice = fc.constantFrom(
      '{"alg":"ES256","alg":"ES256"}',
      '{"exp":1,"\\u0065xp":2}',
      '{"cnf":{"jkt":"a","jkt":"b"}}',
    );
    fc.assert(
      fc.property(clean, twice, fc.boolean(), (good, bad, first) => {
        const [header, payload] = first ? [bad, good] : [good, bad];
        expect(isCompactJws(`${encodePart(header)}.${encodePart(payload)}.AA`)).toBe(false);
      }),
    );
  });

  it('takes no more than its time in the largest body', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'.eyJ=A-_'.split('')), minLength: 1, maxLength: 5 }), (unit) => {
        isCompactJws(unit.repeat(Math.floor((64 * 1024) / unit.length)));
      }),
      { numRuns: 30 },
    );
  });
});
