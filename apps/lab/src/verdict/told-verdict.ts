import type { Language } from '../run/text.ts';
import { say } from '../run/text.ts';
import type { LineVerdict } from './run-verdict.ts';
import { VERDICT_WORDS, WHY_NOT_ASKED } from './verdict-words.ts';

/** One line's verdict in words, the same for the table and the page. */
export interface ToldVerdict {
  /** What was expected and what was seen, or why nobody asked. */
  readonly sight: readonly string[];
  readonly clauses: readonly string[];
  /** The first test that proves it, how many more there are, and its file. */
  readonly proof: readonly string[];
}

export function toldVerdict(verdict: LineVerdict, language: Language): ToldVerdict {
  const { clauses, tests } = verdict.requirement;
  const [first, ...more] = tests;
  const others = more.length === 0 ? '' : ` (+${more.length} ${say(VERDICT_WORDS.moreTests, language)})`;
  return {
    sight: sightOf(verdict, language),
    clauses: [
      clauses.length === 0 ? say(VERDICT_WORDS.ownRule, language) : clauses.map(({ clause }) => clause).join(' '),
    ],
    proof: first === undefined ? [] : [`${withoutMarks(first.title)}${others}`, first.file],
  };
}

/** What was expected and what was seen; or why nobody asked. */
export function sightOf(
  { requirement, standing, expected, observed }: LineVerdict,
  language: Language,
): readonly string[] {
  if (standing === 'open') return [say(VERDICT_WORDS.notBuilt, language)];
  if (requirement.how !== 'live') return [say(WHY_NOT_ASKED[requirement.how], language)];
  const told: string[] = [];
  if (expected !== undefined) told.push(`${say(VERDICT_WORDS.expected, language)}: ${expected}`);
  if (observed !== undefined) told.push(`${say(VERDICT_WORDS.observed, language)}: ${observed}`);
  return told;
}

/** The clauses and ids of a title are shown beside it already. */
const withoutMarks = (title: string): string => title.replaceAll(/\s*\[[^\]]*\]/g, '');
