import { Command, Option } from 'commander';
import type { AttackOptions } from './attack-command.ts';
import { attackCommand } from './attack-command.ts';
import { LabSetupError } from './config.ts';
import { terminalOf } from './terminal/palette.ts';

const lab = new Command('lab').description('Attacks the platform, after showing on a weak one that the attacks work.');

lab
  .command('attack')
  .description('play all attacks as a table, or one of them step by step')
  .argument('[ids...]', 'attacks by id, such as T02 C04; all when left out')
  .option('--json', 'print one document for machines', false)
  .addOption(new Option('--lang <language>', 'language of titles and stories').choices(['en', 'ja']).default('en'))
  .option('--config <file>', 'what the lab knows of the deployment', 'infra/config/local/lab.json')
  .option('--home <directory>', 'where certificates and audit files are', '.holdfast')
  .action(async (ids: string[], options: AttackOptions) => {
    process.exitCode = await attackCommand(ids, options, terminalOf(process.stdout, process.env));
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
