import { randomInt } from 'node:crypto';
import { readArguments } from '../arguments.ts';
import { PlatformTrouble } from '../platform/trouble.ts';

export const usage = `npm run fuzz -- [options]

  --minutes <n>     how long, shared among the properties (default 5)
  --only <text>     the properties of files whose path holds the text, or else those whose title does
  --seed <number>   where to start (default: anywhere)
  --path <path>     together with --seed: one case again, and smaller ones
  --help            this text

Tries the properties of the unit tests (*.property.spec.ts) with fresh cases until one fails or the time is over. A failure comes
with its case, made as small as possible, and with the command that tries it again. Ends with "N properties held, N failed".`;

export interface FuzzOptions {
  readonly minutes: number;
  readonly only?: string;
  readonly seed: number;
  readonly path?: string;
  readonly help: boolean;
}

/**
 * @param args without the name of the program
 * @throws PlatformTrouble naming what was not understood
 */
export function readFuzzOptions(args: readonly string[]): FuzzOptions {
  const { minutes, only, seed, path, help } = parse(args);
  if (path !== undefined && (seed === undefined || only === undefined))
    throw trouble('--path is the way from a seed to a case of one property', 'Give --seed and --only with it.');
  return {
    minutes: readNumber('--minutes', minutes, (n) => n > 0),
    seed:
      seed === undefined ? randomInt(2 ** 31) : readNumber('--seed', seed, (n) => Number.isSafeInteger(n) && n >= 0),
    help: help === true,
    ...(only === undefined ? {} : { only }),
    ...(path === undefined ? {} : { path: readPath(path) }),
  };
}

function parse(args: readonly string[]) {
  return readArguments('npm run fuzz', {
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      only: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

function readNumber(name: string, text: string, fits: (number: number) => boolean): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number) && fits(number)) return number;
  throw trouble(`${name} ${text} is not a number that fits`, 'npm run fuzz -- --help tells what there is.');
}

function readPath(path: string): string {
  if (/^\d+(:\d+)*$/.test(path)) return path;
  throw trouble(
    `--path ${path} is not the path of a case`,
    'Copy it from the failure: numbers with colons between them.',
  );
}

const trouble = (problem: string, remedy: string): PlatformTrouble => new PlatformTrouble(problem, remedy);
