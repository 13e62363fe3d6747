import { resolve } from 'node:path';
import { readArguments } from '../arguments.ts';
import { appNamed, appNames, withAuthority } from '../platform/apps.ts';
import type { AppName } from '../platform/apps.ts';
import { EDGE_PROXIES } from '../platform/edge-proxy.ts';
import type { EdgeProxyName } from '../platform/edge-proxy.ts';
import { PlatformTrouble } from '../platform/trouble.ts';
import { workspaceRoot } from '../workspace.ts';

export const usage = `npm start -- [options]

  --home <dir>      keys, data and logs (default .holdfast)
  --ports <offset>  added to every port, to run beside another platform (with a --home of its own; 1000 is a good offset)
  --only <apps>     comma-separated, of: ${appNames.join(', ')}
  --behind <proxy>  end the TLS of clients with certificates in nginx or haproxy, in front of authorization server and bank
  --json-ready      one line of JSON on standard output when everything is ready, everything else on standard error
  --help            this text

Ctrl-C stops everything. npm run reset removes keys, data and logs.`;

export interface StartOptions {
  readonly home: string;
  readonly offset: number;
  readonly apps: readonly AppName[];
  /** The proxy in front; the applications end TLS themselves when absent. */
  readonly behind?: EdgeProxyName;
  readonly jsonReady: boolean;
  readonly help: boolean;
}

/**
 * @param args without the name of the program
 * @throws PlatformTrouble naming what was not understood
 */
export function readStartOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  const behind = readBehind(values.behind);
  return {
    ...(behind && { behind }),
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
      behind: { type: 'string' },
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

function readBehind(name: string | undefined): EdgeProxyName | undefined {
  const names = Object.keys(EDGE_PROXIES) as readonly EdgeProxyName[];
  const found = names.find((each) => each === name);
  if (name === undefined || found !== undefined) return found;
  throw new PlatformTrouble(`--behind ${name}: no such proxy`, `There are ${names.join(' and ')}.`);
}

function named(name: string): AppName {
  try {
    return appNamed(name);
  } catch (cause) {
    throw new PlatformTrouble(`--only ${name}: no such app`, `The apps are ${appNames.join(', ')}.`, { cause });
  }
}
