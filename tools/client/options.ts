import { resolve } from 'node:path';
import { readArguments } from '../arguments.ts';
import { PlatformTrouble } from '../platform/trouble.ts';
import { workspaceRoot } from '../workspace.ts';
import { FLOWS, flowNamed, flowNames } from './flows/flow-names.ts';
import type { FlowName } from './flows/flow-names.ts';

const widest = Math.max(...flowNames.map((name) => name.length));

export const usage = `npm run client -- <name> <flow> [options]

Runs one whole flow against an issuer, as a client and without a browser, and goes no further when something is wrong.

  <name>            a client of infra/config/test-clients.yaml, or the path of a client file
  <flow>            ${flowNames.map((name) => `${name.padEnd(widest)}  ${FLOWS[name].does}`).join('\n                    ')}

  --home <dir>      of the platform whose test client it is (default .holdfast)
  --json            one document for machines on standard output
  --help            this text

Exit code: 0 all went well, 1 refused by this client, 2 the file or the network is not usable, 3 refused by the server.`;

export interface ClientOptions {
  readonly name: string;
  readonly flow: FlowName;
  readonly home: string;
  readonly json: boolean;
}

/**
 * @param args without the name of the program
 * @returns undefined when help was asked for
 * @throws PlatformTrouble naming what was not understood
 */
export function readClientOptions(args: readonly string[]): ClientOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [name, flow, ...rest] = positionals;
  if (name === undefined || flow === undefined || rest.length > 0)
    throw new PlatformTrouble('a name and a flow are needed, and nothing else', 'npm run client -- --help tells more.');
  return { name, flow: flowNamed(flow), home: resolve(workspaceRoot, values.home), json: values.json };
}

function parse(args: readonly string[]) {
  return readArguments('npm run client', {
    args: [...args],
    allowPositionals: true,
    options: {
      home: { type: 'string', default: '.holdfast' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}
