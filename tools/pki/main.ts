import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { MtlsConfigError } from '@holdfast/mtls';
import { ensurePki } from './ensure-pki.ts';
import { statusTable } from './status.ts';

const USAGE = `usage: node --conditions=@holdfast/source tools/pki/main.ts <command> [options]

  ensure   make what is missing, renew what ends soon
  status   list every certificate and how long it has left
  reset    remove the PKI

  --home <folder>     the home directory (.holdfast)
  --only <holders>    only what these holders keep, separated by commas
  --uid, --gid <id>   who shall own what the holders read
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    home: { type: 'string', default: '.holdfast' },
    only: { type: 'string' },
    uid: { type: 'string' },
    gid: { type: 'string' },
  },
});

try {
  run(positionals[0]);
} catch (error) {
  if (!(error instanceof MtlsConfigError)) throw error;
  console.error(`${styleText('red', '✖')} ${error.message}\n→ ${error.remedy}`);
  process.exitCode = 1;
}

function run(command: string | undefined): void {
  const { home, only, uid, gid } = values;
  switch (command) {
    case 'ensure': {
      ensurePki({
        home,
        now: new Date(),
        report: (what) => console.log(what),
        ...(only === undefined ? {} : { only: only.split(',') }),
        ...(uid === undefined || gid === undefined ? {} : { owner: { uid: Number(uid), gid: Number(gid) } }),
      });
      return;
    }
    case 'status': {
      console.log(statusTable(home, new Date()));
      return;
    }
    case 'reset': {
      rmSync(join(home, 'pki'), { recursive: true, force: true });
      return;
    }
    default:
      console.error(USAGE);
      process.exitCode = 2;
  }
}
