import fc from 'fast-check';
import type { FormPairs } from '../form.ts';
import { damagedText } from './jws.ts';

/** Values that belong somewhere else, or nowhere. */
const STRAY = [
  '',
  ' ',
  'none',
  'first',
  'second',
  'null',
  '0',
  '[]',
  '{}',
  '\0',
  '\n',
  'é',
  'https://evil.test/callback',
  'x'.repeat(600),
];

/**
 * A form after somebody has changed up to three things of it: a value damaged, emptied or exchanged, a parameter left out, sent twice,
 * renamed, or added.
 * @param good pairs that are fine in every respect
 * @param names what may be added besides
 */
export function damagedForm(good: Readonly<Record<string, string>>, names: readonly string[]): fc.Arbitrary<FormPairs> {
  const pairs = Object.entries(good);
  const values = fc.constantFrom(...Object.values(good), ...STRAY);
  const place = fc.nat(pairs.length - 1);
  const edit = fc.oneof(
    place.map((at) => (form: FormPairs) => form.toSpliced(at, 1)),
    place.map((at) => (form: FormPairs) => [...form, ...form.slice(at, at + 1)]),
    fc.tuple(place, values).map(
      ([at, value]) =>
        (form: FormPairs) =>
          withPair(form, at, ([name]) => [name, value]),
    ),
    place.chain((at) =>
      damagedText(pairs[at]![1]).map((value) => (form: FormPairs) => withPair(form, at, ([name]) => [name, value])),
    ),
    place.chain((at) =>
      damagedText(pairs[at]![0]).map((name) => (form: FormPairs) => withPair(form, at, ([, value]) => [name, value])),
    ),
    fc
      .tuple(fc.constantFrom(...names), values)
      .map(([name, value]) => (form: FormPairs) => [...form, [name, value] as const]),
  );
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) => edits.reduce<FormPairs>((form, change) => change(form), pairs));
}

type Pair = FormPairs[number];

const withPair = (form: FormPairs, at: number, change: (pair: Pair) => Pair): FormPairs =>
  form.map((pair, index) => (index === at ? change(pair) : pair));
