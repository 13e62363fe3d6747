import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { LINE } from './marks.ts';
import { isKnownClause } from './specifications.ts';

const id = z.string().regex(LINE, 'is a section and two digits, such as PAR-02');
const clause = z.string().refine(isKnownClause, { error: ({ input }) => `${String(input)} is no clause we know` });

const line = z.strictObject({
  id,
  text: z.string().regex(/^[A-Z].*\.$/, 'is one sentence'),
  clauses: z.array(clause),
  by: z.array(z.enum(['authorization-server', 'bank', 'fintech', 'client'])).min(1),
  how: z.enum(['live', 'clock', 'peer', 'key', 'inside']),
});

const section = z.strictObject({
  prefix: z.string().regex(/^[A-Z]{2,4}$/),
  title: z.string().min(1),
  lines: z.array(line).min(1),
});

const list = z.strictObject({ sections: z.array(section).min(1), pending: z.array(id) });

/** One checkable demand. */
export type Line = Readonly<z.infer<typeof line>>;
export type Section = Readonly<z.infer<typeof section>>;

/** The list of what the protocol demands, as docs/requirements.yaml says it. */
export type Requirements = Readonly<z.infer<typeof list>>;

/**
 * Reads the list.
 * @throws Error naming each mistake with its place
 */
export function readRequirements(file: string): Requirements {
  const read = list.safeParse(parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new Error(`${file} is wrong:\n${z.prettifyError(read.error)}`);
  const wrong = mistakesIn(read.data);
  if (wrong.length > 0) throw new Error(`${file} is wrong:\n${wrong.join('\n')}`);
  return read.data;
}

export const linesOf = ({ sections }: Requirements): readonly Line[] => sections.flatMap(({ lines }) => lines);

function mistakesIn(requirements: Requirements): readonly string[] {
  const ids = linesOf(requirements).map((each) => each.id);
  return [
    ...repeated(ids).map((name) => `two lines are called ${name}`),
    ...repeated(requirements.pending).map((name) => `${name} is pending twice`),
    ...requirements.pending.filter((name) => !ids.includes(name)).map((name) => `${name} is pending and is no line`),
    ...requirements.sections.flatMap(({ prefix, lines }) =>
      lines.filter((each) => !each.id.startsWith(`${prefix}-`)).map((each) => `${each.id} stands under ${prefix}`),
    ),
  ];
}

const repeated = (names: readonly string[]): readonly string[] =>
  names.filter((name, index) => names.indexOf(name) !== index);
