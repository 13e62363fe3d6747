import { describe, expect, it } from 'vitest';
import { languageFrom } from './language.ts';

describe('the language of a command', () => {
  it.each<[string, NodeJS.ProcessEnv, string | undefined, string]>([
    ['is that of the option', { LANG: 'ja_JP.UTF-8' }, 'en', 'en'],
    ['is that of LANG', { LANG: 'ja_JP.UTF-8' }, undefined, 'ja'],
    ['is that of LC_ALL before LANG', { LC_ALL: 'C', LANG: 'ja_JP.UTF-8' }, undefined, 'en'],
    ['is English for every other', { LANG: 'fr_FR.UTF-8' }, undefined, 'en'],
    ['is English where nothing is said', {}, undefined, 'en'],
  ])('%s', (_, environment, wish, language) => expect(languageFrom(environment, wish)).toBe(language));
});
