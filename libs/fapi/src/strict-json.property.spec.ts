import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, parseStrictJson } from './strict-json.ts';

/** Bytes of the largest body a listener takes. */
const LARGEST = 64 * 1024;

/** What was read, or undefined where it was refused; nothing else may happen. `null` is read as an object of its own. */
function read(text: string | Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: parseStrictJson(Buffer.from(text as string)) };
  } catch (error) {
    expect(error).toBeInstanceOf(JsonError);
    return undefined;
  }
}

/** JSON as it is written: an object may hold one name twice. */
type Written =
  { readonly leaf: string } | { readonly list: readonly Written[] } | { readonly members: readonly Member[] };
type Member = readonly [name: string, value: Written];

/** Names that are often alike, each in one of its spellings. */
const NAMES = [
  'a',
  '\\u0061',
  'b',
  'a:b',
  '\\"',
  '\\\\',
  '',
  '__proto__',
  '\\u005f_proto__',
  'constructor',
  '\\u2028',
  '\u2028',
];
const name = fc.constantFrom(...NAMES);
const leaf = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '0',
    '-0',
    '1e999',
    '12345678901234567890',
    '""',
    '"\\u0000"',
    '"{\\"a\\":1,\\"a\\":2}"',
    '":"',
  ),
  fc.jsonValue({ maxDepth: 0 }).map((value) => JSON.stringify(value)),
);
const written = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf.map((text) => ({ leaf: text })),
    fc.array(tie('value'), { maxLength: 3 }).map((list) => ({ list })),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((members) => ({ members })),
  ),
})).value;

function toText(value: Written): string {
  if ('leaf' in value) return value.leaf;
  if ('list' in value) return `[${value.list.map(toText).join(' ,')}]`;
  return `{${value.members.map(([own, inner]) => `"${own}" : ${toText(inner)}`).join(',')}}`;
}

/** Whether an object says something twice, names a prototype, or hides a name behind an escape. */
function isAmbiguous(value: Written): boolean {
  if ('leaf' in value) return false;
  if ('list' in value) return value.list.some(isAmbiguous);
  const names = value.members.map(([own]) => own);
  const repeated = new Set(names).size !== names.length;
  const odd = names.some((own) => own.includes('\\') || own === '__proto__');
  return repeated || odd || value.members.some(([, inner]) => isAmbiguous(inner));
}

const damaged = fc
  .tuple(
    written.map(toText),
    fc.nat(),
    fc.nat(3),
    fc.constantFrom('', '"', '\\', '{', '}', ',', ':', '\0', 'é', '\ufeff'),
  )
  .map(([text, at, length, piece]) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + piece + text.slice(from + length);
  });

describe('strict JSON [RFC8259-4]', () => {
  it('is read exactly when no object says anything twice, and then as everybody reads it', () => {
    fc.assert(
      fc.property(written, (value) => {
        const text = toText(value);
        expect(read(text)).toEqual(isAmbiguous(value) ? undefined : { value: JSON.parse(text) });
      }),
    );
  });

  it('that is damaged is refused, or is read as everybody reads it', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const result = read(text);
        if (result !== undefined) expect(result.value).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is either read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const result = read(bytes);
        if (result !== undefined) expect(result.value).toEqual(JSON.parse(Buffer.from(bytes).toString()));
      }),
    );
  });

  it('takes no more than its time in the largest body', () => {
    const unit = fc.string({
      unit: fc.constantFrom(...'[{"a:,1\\ }]'.split(''), '{"a":', '"\\"', '\\u0061', '[[', '"a":1,'),
      minLength: 1,
      maxLength: 4,
    });
    const start = fc.constantFrom('', '"', '[', '{"a":', '{"');
    fc.assert(
      fc.property(start, unit, fc.constantFrom('', '"', ']', '"}', '"]'), (before, part, after) => {
        read(before + part.repeat(Math.floor(LARGEST / part.length)) + after);
      }),
      { numRuns: 30 },
    );
  });
});
