import type { AttackResult } from '../run/run-attacks.ts';
import type { Attempt, Outcome } from '../run/step.ts';
import type { WireAnswer } from '../wire/wire-answer.ts';
import { describeAnswer } from '../wire/wire-answer.ts';
import type { Language } from '../run/text.ts';
import { say } from '../run/text.ts';
import { WORDS } from './words.ts';

/** One case in a few words, the same for the table, the page and the summary. */
export interface Summary {
  readonly control: string;
  readonly loot: readonly string[];
  readonly outcome: Outcome;
  readonly real: string;
  /** Distinct answers on the wire. */
  readonly answers: readonly string[];
  /** Distinct private reasons. */
  readonly reasons: readonly string[];
  readonly problems: readonly string[];
}

export function summarize(result: AttackResult, language: Language): Summary {
  const { verdict } = result;
  const attempts = result.real.steps.filter((step) => step.kind === 'attempt');
  const thefts = result.control.steps.filter((step) => step.kind === 'theft');
  return {
    control: say(verdict.controlStolen ? WORDS.stolen : WORDS.broken, language),
    loot: distinct(thefts.flatMap(({ loot }) => (loot === undefined ? [] : [withoutHandle(loot)]))),
    outcome: verdict.outcome,
    real: say(WORDS[verdict.outcome], language),
    answers: distinct(attempts.flatMap(({ exchanges }) => exchanges.map(({ answer }) => briefly(answer)))),
    reasons: distinct(attempts.flatMap((attempt) => reasonOf(attempt, language))),
    problems: verdict.problems.map((problem) => say(problem, language)),
  };
}

function reasonOf({ event, outcome, exchanges }: Attempt, language: Language): readonly string[] {
  if (event?.reason !== undefined) return [event.reason];
  const inHandshake = exchanges.every(({ answer }) => answer.kind === 'cut-off' || isUnavailable(answer));
  return outcome === 'refused' && inHandshake ? [say(WORDS.handshake, language)] : [];
}

function isUnavailable(answer: WireAnswer): boolean {
  return answer.kind === 'grpc' && answer.code === 14;
}

/** `access_token kV3… (43 characters)` → `access_token`: in a table the kind of loot is enough. */
function withoutHandle(loot: string): string {
  return loot.replace(/ \S*… \(.*$/, '');
}

/** The TLS library's own word for the end of a connection is for the step-by-step view. */
function briefly(answer: WireAnswer): string {
  return describeAnswer(answer).replace(/ \((?:[A-Z\d]+_)*[A-Z\d]+\)$/, '');
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
