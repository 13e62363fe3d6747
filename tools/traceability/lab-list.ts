import { isProven } from './findings.ts';
import type { Requirements } from './requirements.ts';
import { urlOf } from './specifications.ts';
import type { Tied } from './ties.ts';

/** The list as the lab reads it: every line with its clauses, its code and the tests that prove it. JSON. */
export function labListOf({ sections }: Requirements, { lines }: Tied): string {
  const list = sections.map(({ prefix, title, lines: own }) => ({
    prefix,
    title,
    lines: own
      .flatMap(({ id }) => lines.get(id) ?? [])
      .map((line) => ({
        id: line.id,
        text: line.text,
        clauses: line.clauses.map((clause) => ({ clause, url: urlOf(clause) })),
        by: line.by,
        how: line.how,
        proven: isProven(line),
        code: line.code,
        tests: line.tests,
      })),
  }));
  return `${JSON.stringify({ sections: list }, undefined, 1)}\n`;
}
