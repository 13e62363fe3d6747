import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { MtlsConfigError } from '@holdfast/mtls';
import { ensurePki } from './ensure-pki.ts';
import type { Owner } from './files.ts';
import { ensureTestClients } from '../test-clients/ensure-test-clients.ts';
import { revokeCertificate } from './revocation-list.ts';
import { statusTable } from './status.ts';

const USAGE = `usage: npm run pki -- <command> [options]

  ensure   make what is missing, renew what ends soon
  ensure-test-clients
           the same for the clients of infra/config/test-clients.yaml
  revoke <holder>/<name>
           take the certificate of a client or a service back, within two seconds and on open connections too
  status   list every certificate and how long it has left
  reset    remove the PKI

  --home <folder>     the home directory (.holdfast)
  --only <holders>    only what these holders keep, separated by commas
  --uid, --gid <id>   who shall own what the holders keep
`;

/** What the command line asks for; a TypeError says what is wrong with it. */
function readRequest(): () => void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      home: { type: 'string', default: '.holdfast' },
      only: { type: 'string' },
      uid: { type: 'string' },
      gid: { type: 'string' },
    },
  });
  const { home, only, uid, gid } = values;
  const owner = ownerOf(uid, gid);
  const [command, ...names] = positionals;
  if (command === 'revoke') {
    const [name] = names;
    if (name === undefined || names.length > 1) throw new TypeError('revoke takes one name, such as developer/client');
    return () => revoke(home, name);
  }
  switch (positionals.join(' ')) {
    case 'ensure':
      return () => ensure(home, only, owner);
    case 'ensure-test-clients':
      return () => ensureClients(home, owner);
    case 'status':
      return () => console.log(statusTable(home, new Date()));
    case 'reset':
      return () => reset(home);
    default:
      throw new TypeError(`"${positionals.join(' ')}" is not a command`);
  }
}

function ensure(home: string, only: string | undefined, owner: Owner | undefined): void {
  ensurePki({
    home,
    now: new Date(),
    report: (what) => console.log(what),
    ...(only === undefined ? {} : { only: only.split(',') }),
    ...(owner === undefined ? {} : { owner }),
  });
}

function ensureClients(home: string, owner: Owner | undefined): void {
  ensureTestClients({
    home,
    now: new Date(),
    report: (what) => console.log(what),
    ...(owner === undefined ? {} : { owner }),
  });
}

/** Half an owner would leave files that neither the one nor the other can read. */
function ownerOf(uid: string | undefined, gid: string | undefined): Owner | undefined {
  if (uid === undefined && gid === undefined) return undefined;
  const isId = (id: string | undefined): id is string => /^\d+$/.test(id ?? '');
  if (isId(uid) && isId(gid)) return { uid: Number(uid), gid: Number(gid) };
  throw new TypeError('--uid and --gid are two numbers, given together');
}

function revoke(home: string, name: string): void {
  const serialNumber = revokeCertificate(home, name, new Date());
  console.log(
    serialNumber === undefined ? `${name} was revoked before.` : `Revoked ${name}, serial number ${serialNumber}.`,
  );
}

function reset(home: string): void {
  const pki = join(home, 'pki');
  // Someone else's folder, named by a slip, must not be emptied.
  if (!existsSync(join(pki, 'authority'))) return console.log(`There is no PKI in ${home}: nothing to remove.`);
  rmSync(pki, { recursive: true });
  console.log(`Removed ${pki}.`);
}

function main(): number {
  let request: () => void;
  try {
    request = readRequest();
  } catch (error) {
    console.error(`${(error as TypeError).message}\n\n${USAGE}`);
    return 2;
  }
  try {
    request();
    return 0;
  } catch (error) {
    if (!(error instanceof MtlsConfigError)) throw error;
    console.error(`${styleText('red', '✖')} ${error.message}\n→ ${error.remedy}`);
    return 1;
  }
}

process.exitCode = main();
