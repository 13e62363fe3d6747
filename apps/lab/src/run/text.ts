export type Language = 'en' | 'ja';

/** What is said to people is written in both languages, side by side, where it belongs. */
export interface Text {
  readonly en: string;
  readonly ja: string;
}

export const say = (text: Text, language: Language): string => text[language];
