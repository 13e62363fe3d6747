import { MtlsConfigError } from '@holdfast/mtls';
import { loadNamedClient } from './client/load-named.ts';
import { readClientOptions, usage } from './client/options.ts';
import { endLine, exitCode, stepLine } from './client/report.ts';
import { runFlow } from './client/run-flow.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';

async function main(): Promise<number> {
  const options = readClientOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  const { name, flow, home, json } = options;
  // npm runs us in the root; a relative path is meant from where the person stands.
  const client = await loadNamedClient(name, home, process.env.INIT_CWD ?? process.cwd());
  const report = await runFlow(client, flow, json ? {} : { onStep: (step) => console.log(stepLine(step)) });
  console.log(json ? JSON.stringify(report, undefined, 2) : endLine(report));
  return exitCode(report);
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    tellTrouble(error instanceof MtlsConfigError ? new PlatformTrouble(error.message, error.remedy) : error);
    process.exitCode = 2;
  },
);
