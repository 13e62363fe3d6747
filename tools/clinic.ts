import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { examineFiles } from './clinic/examine-files.ts';
import { languageFrom } from './language.ts';
import { tellTrouble } from './platform/trouble.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run clinic                            every patient, shown to the running platform
npm run clinic -- <file.crt> [<file.key>]   what is wrong with these files, without any platform

  --home <dir>      whose trust counts (default .holdfast)
  --lang <en|ja>    language of hints and remedies (default: that of the environment)
  --start, --json   of the patients; see npm run attack -- --help
`;

/** Files are looked at here; the patients are the lab's, which reads the command line itself. */
async function clinic(): Promise<number | undefined> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    // The lab has options of its own, and tells about those it does not know.
    strict: false,
    options: {
      home: { type: 'string' },
      lang: { type: 'string' },
      config: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { home = '.holdfast', lang } = values;
  if (values.help === true) console.log(usage);
  const [certificate, key] = positionals;
  if (certificate === undefined || values.help === true) {
    process.argv.splice(2, 0, 'clinic');
    await import('./lab.ts');
    return undefined;
  }
  const language = languageFrom(process.env, typeof lang === 'string' ? lang : undefined);
  const report = examineFiles({
    certificate,
    ...(key === undefined ? {} : { key }),
    home: resolve(workspaceRoot, String(home)),
    language,
    now: new Date(),
  });
  console.log(report.text);
  return report.isSound ? 0 : 1;
}

clinic().then(
  (code) => (process.exitCode = code ?? process.exitCode),
  (error: unknown) => {
    tellTrouble(error);
    process.exitCode = 2;
  },
);
