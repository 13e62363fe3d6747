import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { z } from 'zod';
import { readArguments } from './arguments.ts';
import { ensureDirectory } from './directory/ensure-directory.ts';
import { signStatement } from './directory/statement.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run --silent software-statement -- <file.json> [--home <dir>]

Prints a software statement of the demonstration's directory about the software that the file describes: what a client
registers itself with. It is good for ten minutes and one registration. docs/flows/register-a-client.md shows the file.

  --home <dir>      with the directory's key of this home (default .holdfast)
`;

function readWish() {
  return readArguments('npm run software-statement', {
    allowPositionals: true,
    options: { home: { type: 'string', default: '.holdfast' }, help: { type: 'boolean', short: 'h' } },
  });
}

async function main(): Promise<void> {
  const { values, positionals } = readWish();
  const [file] = positionals;
  if (values.help || file === undefined) {
    console.log(usage);
    return;
  }
  const home = resolve(workspaceRoot, values.home);
  try {
    ensureDirectory({ home });
    // npm runs us in the root; a relative path is meant from where the person stands.
    const described = readFileSync(resolve(process.env.INIT_CWD ?? process.cwd(), file), 'utf8');
    console.log(await signStatement(home, JSON.parse(described), new Date()));
  } catch (error) {
    if (error instanceof MtlsConfigError) throw new PlatformTrouble(error.message, error.remedy);
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new PlatformTrouble(`${file} describes no software: ${problem}`, 'Correct it, then try again.', {
      cause: error,
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

main().catch((error: unknown) => {
  tellTrouble(error);
  process.exitCode = 1;
});
