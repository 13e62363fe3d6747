import { resolve } from 'node:path';
import { readArguments } from '../arguments.ts';
import { appNamed, appNames, withAuthority } from '../platform/apps.ts';
import type { AppName } from '../platform/apps.ts';
import { PlatformTrouble } from '../platform/trouble.ts';
import { workspaceRoot } from '../workspace.ts';

export const usage = `npm start -- [options]

  --home <dir>      keys, data and logs (default .holdfast)
  --ports <offset>  added to every port, to run beside another platform (with a --home of its own; 1000 is a good offset)
  --only <apps>     comma-separated, of: ${appNames.join(', ')}
  --json-ready      one line of JSON on standard output when everything is ready, everything else on standard error
  --help            this text

Ctrl-C stops everything. npm run reset removes keys, data and logs.`;

export interface StartOptions {
  readonly home: string;
  readonly offset: number;
  readonly apps: readonly AppName[];
  readonly jsonReady: boolean;
  readonly help: boolean;
}

/**
 * @param args without the name of the program
 * @throws PlatformTrouble naming what was not understood
 */
export function readStartOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  return {
    home: resolve(workspaceRoot, values.home),
    offset: readOffset(values.ports),
    apps:
      values.only === undefined ? appNames : withAuthority(values.only.split(',').map((name) => named(name.trim()))),
    jsonReady: values['json-ready'] === true,
    help: values.help === true,
  };
}

function parse(args: readonly string[]) {
  return readArguments('npm start', {
    args: [...args],
    options: {
      home: { type: 'string', default: '.holdfast' },
      ports: { type: 'string', default: '0' },
      only: { type: 'string' },
      'json-ready': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

// The highest port of the platform is 9845.
const HIGHEST_OFFSET = 65_535 - 9_845;

function readOffset(text: string): number {
  const offset = Number(text);
  if (Number.isInteger(offset) && offset >= 0 && offset <= HIGHEST_OFFSET) return offset;
  throw new PlatformTrouble(`--ports ${text} is not an offset`, `Give a whole number between 0 and ${HIGHEST_OFFSET}.`);
}

function named(name: string): AppName {
  try {
    return appNamed(name);
  } catch (cause) {
    throw new PlatformTrouble(`--only ${name}: no such app`, `The apps are ${appNames.join(', ')}.`, { cause });
  }
}
