import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { createFormatter } from './format.ts';
import { ja } from './ja.ts';
import { negotiateLanguage } from './language.ts';

describe('the language of an answer', () => {
  it.each([
    [undefined, undefined, 'en'],
    [undefined, '', 'en'],
    [undefined, 'ja', 'ja'],
    [undefined, 'ja-JP,en;q=0.8', 'ja'],
    [undefined, 'en;q=0.3, ja;q=0.7', 'ja'],
    [undefined, 'ja;q=0, en', 'en'],
    [undefined, 'ja;q=nonsense, de', 'en'],
    [undefined, 'de, fr;q=0.9', 'en'],
    ['en', 'ja', 'en'],
    ['xx', 'ja', 'ja'],
  ])('for the choice %s and the header %s is %s [RFC9110-12.5.4]', (chosen, header, language) => {
    expect(negotiateLanguage(chosen, header)).toBe(language);
  });
});

/** Every leaf of a catalogue by its path, functions called with placeholders. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const use = value as (...args: unknown[]) => unknown;
    return leaves(use(...Array.from({ length: value.length }, (_, i) => `«${i}»`)), path);
  }
  return Object.entries(value as object).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
}

describe('the Japanese catalogue', () => {
  const japanese = new Map(leaves(ja));

  it.each(leaves(en))('translates %s', (path, english) => {
    const text = japanese.get(path) ?? '';
    expect(text).not.toBe(english);
    expect(text.trim()).not.toBe('');
  });

  it('uses every placeholder that the English one uses', () => {
    const used = (text: string) => (text.match(/«\d»/g) ?? []).sort();
    for (const [path, english] of leaves(en)) {
      // "1 transaction" and "2 transactions" are one sentence in Japanese.
      expect(used(japanese.get(path) ?? ''), path).toEqual(used(english));
    }
  });
});

describe('amounts and days', () => {
  const english = createFormatter('en-GB', 'Europe/London');
  const japanese = createFormatter('ja-JP', 'Asia/Tokyo');

  it('keep every digit of an amount', () => {
    expect(english.money({ amount: '123456789012345.67', currency: 'GBP' })).toBe('£123,456,789,012,345.67');
    expect(japanese.money({ amount: '1234', currency: 'JPY' })).toBe('¥1,234'.replace('¥', '\uffe5'));
  });

  it('carry the direction in a sign that does not break off', () => {
    expect(english.signedMoney({ amount: '-12.30', currency: 'GBP' })).toBe('\u2212£12.30');
    expect(english.signedMoney({ amount: '12.30', currency: 'EUR' })).toBe('+€12.30');
    expect(english.signedMoney({ amount: '0.00', currency: 'GBP' })).toBe('£0.00');
  });

  it('belong to the time zone', () => {
    const late = new Date('2026-11-22T23:30:00Z');
    expect(english.dayKey(late)).toBe('2026-11-22');
    expect(japanese.dayKey(late)).toBe('2026-11-23');
    expect(japanese.longDay(late)).toBe('2026年11月23日月曜日');
  });
});
