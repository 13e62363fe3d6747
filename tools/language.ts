/** The languages in which commands talk to people. */
export type Language = 'en' | 'ja';

export interface Text {
  readonly en: string;
  readonly ja: string;
}

/**
 * The language a person wants: the option when there is one, else that of the environment in the order of POSIX.
 * @param wish of the command line; whatever is not Japanese is English
 */
export function languageFrom(environment: NodeJS.ProcessEnv, wish?: string): Language {
  const named = wish ?? (environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || 'en');
  return /^ja/i.test(named) ? 'ja' : 'en';
}
