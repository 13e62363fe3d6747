import { styleText } from 'node:util';
import type { PropertyResult } from './round.ts';

/** Tells of a property that does not hold: where it stands, the case, and how to try that case again. */
export function tellFailure(result: PropertyResult): string {
  const { file, title = 'the file could not be read', failure = '' } = result;
  const told = ownLines(failure).map((line) => `    ${line}`);
  const replay = replayCommand(result);
  const again = replay === undefined ? '' : `\n    ${styleText('bold', 'Again:')} ${replay}\n`;
  return `\n  ${styleText('red', '✖')} ${styleText('bold', title)}\n    ${styleText('dim', file)}\n${told.join('\n')}\n${again}`;
}

/** Without the frames of the packages and their advice. */
const ownLines = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/\/node_modules\/|^Hint: |vitest\.properties\.ts/.test(line));

/** The command that tries the case again; undefined when the failure was none of a case. */
export function replayCommand({ title, seed, path }: PropertyResult): string | undefined {
  if (title === undefined || seed === undefined || path === undefined || path === null) return undefined;
  return `npm run fuzz -- --only ${shellQuoted(title)} --seed ${seed} --path ${path}`;
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
