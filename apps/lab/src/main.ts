import { Command, Option } from 'commander';
import type { AttackOptions } from './attack-command.ts';
import { attackCommand } from './attack-command.ts';
import type { ClinicOptions } from './clinic-command.ts';
import { clinicCommand } from './clinic-command.ts';
import { LabSetupError } from './config.ts';
import { terminalOf } from './terminal/palette.ts';
import type { VerdictOptions } from './verdict-command.ts';
import { verdictCommand } from './verdict-command.ts';

const CONFIG = ['--config <file>', 'what the lab knows of the deployment', 'infra/config/local/lab.json'] as const;
const HOME = ['--home <directory>', 'where certificates and audit files are', '.holdfast'] as const;
const JSON_REPORT = ['--json', 'print one document for machines', false] as const;

const lab = new Command('lab').description(
  'Attacks the platform, after showing on a weak one that the attacks work; and asks whether it holds what it promises.',
);

lab
  .command('attack')
  .description('play all attacks as a table, or one of them step by step')
  .argument('[ids...]', 'attacks by id, such as T02 C04; all when left out')
  .option(...JSON_REPORT)
  .addOption(new Option('--lang <language>', 'language of titles and stories').choices(['en', 'ja']).default('en'))
  .option(...CONFIG)
  .option(...HOME)
  .action(async (ids: string[], options: AttackOptions) => {
    process.exitCode = await attackCommand(ids, options, terminalOf(process.stdout, process.env));
  });

lab
  .command('verdict')
  .description('ask the platform for every requirement that can be asked for from outside')
  .argument('[names...]', 'requirements by id or section, such as PAR-02 TOK; all when left out')
  .option(...JSON_REPORT)
  .addOption(new Option('--lang <language>', 'language of labels').choices(['en', 'ja']).default('en'))
  .option(...CONFIG)
  .option(...HOME)
  .action(async (names: string[], options: VerdictOptions) => {
    process.exitCode = await verdictCommand(names, options, terminalOf(process.stdout, process.env));
  });

lab
  .command('clinic')
  .description('show certificates that are wrong in one respect to the platform, and tell what it answers')
  .option(...JSON_REPORT)
  .addOption(new Option('--lang <language>', 'language of names and remedies').choices(['en', 'ja']).default('en'))
  .option(...CONFIG)
  .option(...HOME)
  .action(async (options: ClinicOptions) => {
    process.exitCode = await clinicCommand(options, terminalOf(process.stdout, process.env));
  });

lab
  .command('serve')
  .description('serve the page of the lab; takes --config, --home and the other options of every process')
  .allowUnknownOption()
  .allowExcessArguments()
  .helpOption(false)
  .action(async () => {
    // The process reads its own options; the word that chose it is not one of them.
    process.argv.splice(process.argv.indexOf('serve'), 1);
    const { servePage } = await import('./page/serve-page.ts');
    servePage();
  });

lab.parseAsync().catch((error: unknown) => {
  const remedy = error instanceof LabSetupError ? ` ${error.remedy}` : '';
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}.${remedy}\n`);
  process.exitCode = 1;
});
