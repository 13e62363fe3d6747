import type { Catalogue } from './en.ts';
import { en } from './en.ts';
import { ja } from './ja.ts';

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, ja };

/** The words of a language. */
export const catalogue = (language: Language): Catalogue => CATALOGUES[language];

/** The language the switch offers. */
export const otherLanguage = (language: Language): Language => (language === 'en' ? 'ja' : 'en');

export const isLanguage = (value: string | undefined): value is Language =>
  LANGUAGES.some((language) => language === value);

/**
 * The language to answer in: what the person chose before, else the first of `Accept-Language` we speak, by weight.
 * RFC9110-12.5.4. An unreadable header counts as absent; English is the last resort.
 *
 * @param chosen value of the language cookie
 * @param acceptLanguage the header as sent
 */
export function negotiateLanguage(chosen: string | undefined, acceptLanguage: string | undefined): Language {
  if (isLanguage(chosen)) return chosen;
  const wanted = (acceptLanguage ?? '').slice(0, 500).split(',').map(readRange);
  wanted.sort((a, b) => b.weight - a.weight);
  for (const { primary, weight } of wanted) if (weight > 0 && isLanguage(primary)) return primary;
  return 'en';
}

function readRange(range: string): { primary: string; weight: number } {
  const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return { primary: tag.split('-')[0] ?? '', weight: Number.isFinite(weight) ? weight : 0 };
}
