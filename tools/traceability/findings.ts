import type { TiedLine, Tied } from './ties.ts';

/** Whether a line has both halves: code that enforces it and a test that proves it. */
export const isProven = ({ code, tests }: TiedLine): boolean => code.length > 0 && tests.length > 0;

/** Everything that is wrong with the list, as lines to print; none when all is well. */
export function findingsOf({ lines, unknown, rootless }: Tied): readonly string[] {
  const all = [...lines.values()];
  const open = all.filter((line) => !line.pending && !isProven(line));
  return [
    ...unknown.map((mark) => `unknown: ${mark}`),
    ...rootless.map((place) => `no clause: ${place}`),
    ...open.map((line) => `not proven: ${line.id} has ${missing(line)} (${line.text})`),
    ...all
      .filter((line) => line.pending && isProven(line))
      .map(({ id }) => `proven: ${id} has code and tests, so take it out of pending`),
  ];
}

function missing({ code, tests }: TiedLine): string {
  if (code.length === 0 && tests.length === 0) return 'neither code nor test';
  return code.length === 0 ? 'no code' : 'no test';
}
