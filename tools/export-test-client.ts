import { resolve } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { readArguments } from './arguments.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { deploymentIn } from './test-clients/deployment.ts';
import { exportTestClient } from './test-clients/export.ts';
import { readTestClientRegistry, testClients } from './test-clients/registry.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run --silent export-test-client -- <name> [--home <dir>]

Prints a client of infra/config/test-clients.yaml as JSON, with its private keys, its certificate, the authorities of the
servers and their addresses: what a test suite, or npm run client, is configured with. Without a name: lists them.

  --home <dir>      of the platform in this home (default .holdfast)
`;

function readWish() {
  return readArguments('npm run export-test-client', {
    allowPositionals: true,
    options: { home: { type: 'string', default: '.holdfast' }, help: { type: 'boolean', short: 'h' } },
  });
}

async function main(): Promise<void> {
  const { values, positionals } = readWish();
  const [name] = positionals;
  const registry = readTestClientRegistry();
  const home = resolve(workspaceRoot, values.home);
  if (values.help) console.log(usage);
  else if (name === undefined)
    console.log(
      testClients(registry)
        .map((client) => client.name)
        .join('\n'),
    );
  else console.log(JSON.stringify(exportTestClient(name, registry, await deploymentIn(home)), undefined, 2));
}

main().catch((error: unknown) => {
  tellTrouble(error instanceof MtlsConfigError ? new PlatformTrouble(error.message, error.remedy) : error);
  process.exitCode = 1;
});
