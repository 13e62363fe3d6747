import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { ensurePki, makeSuccessor, retireRoot, statusTable } from '@holdfast/pki';
import type { Owner } from '@holdfast/pki';
import { ensurePatients } from '../clinic/ensure-patients.ts';
import type { AuthorityOptions } from './authority-commands.ts';
import { ensureTestClients } from '../test-clients/ensure-test-clients.ts';
import { purposeOf, rotationOf } from './names.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `usage: npm run pki -- <command> [options]

  ensure   make what is missing, renew what ends soon
  ensure-test-clients
           the same for the clients of infra/config/test-clients.yaml
  ensure-patients
           the same for the bad certificates of the clinic
  status   list the certificates that lie here and how long each has left
  reset    remove the PKI

 where the roots are kept, the two steps of a rotation that need them (rotate takes them itself):

  make-successor root|intermediate web|participants|services
           the key that is to issue next, signed by its root
  retire-root web|participants|services
           the new root takes the place of the old one, whose key is destroyed

 of the certificate authority, beside it while it runs:

  list     every certificate that was issued: to whom, at whose word, until when
  revoke <holder>/<name>|<serial>|<file>
           take a certificate back, within two seconds and on open connections too
  token <holder>...
           a one-time token for the first certificate of a process
  rotate root|intermediate web|participants|services
           replace the key that issues, in four phases, while the platform runs; run again, it goes on
  abandon-rotation web|participants|services
           take it back while it is in its first phase, in which nothing is issued yet

  --home <folder>     the home directory (.holdfast)
  --only <holders>    only what these holders keep, separated by commas
  --uid, --gid <id>   who shall own what the holders keep
  --compose           of the platform in containers
  --reason <reason>   why it is taken back: keyCompromise, superseded, cessationOfOperation, ... (RFC 5280, 5.3.1)
  --json              the list for machines
  --within <seconds>  how long one phase of a rotation may take (180)
`;

/** What the command line asks for; a UsageError says what is wrong with it. */
function readRequest(): () => void | Promise<void> {
  const { positionals, values } = parsed();
  const { home, only, uid, gid, within, ...beside } = values;
  const owner = ownerOf(uid, gid);
  const [command = '', ...names] = positionals;
  if (ASK_THE_AUTHORITY.includes(command)) {
    const options = { home, within: secondsOf(within), reason: undefined, ...beside };
    return () => askAuthority(command, names, options);
  }
  if (command === 'make-successor') {
    const rotation = rotationOf(command, names);
    return () => makeSuccessor({ home: withPki(home), now: new Date(), ...rotation });
  }
  if (command === 'retire-root') {
    const purpose = purposeOf(command, names);
    return () => retireRoot(withPki(home), purpose, new Date());
  }
  switch (positionals.join(' ')) {
    case 'ensure':
      return () => ensure(home, only, owner);
    case 'ensure-test-clients':
      return () => ensureTestClients(withOwner(home, owner));
    case 'ensure-patients':
      return () => ensurePatients(withOwner(home, owner));
    case 'status':
      return () => console.log(statusTable(home, new Date()));
    case 'reset':
      return () => reset(home);
    default:
      throw new UsageError(`"${positionals.join(' ')}" is not a command`);
  }
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        home: { type: 'string', default: '.holdfast' },
        only: { type: 'string' },
        uid: { type: 'string' },
        gid: { type: 'string' },
        compose: { type: 'boolean', default: false },
        reason: { type: 'string' },
        json: { type: 'boolean', default: false },
        within: { type: 'string', default: '180' },
      },
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

const ASK_THE_AUTHORITY: readonly string[] = ['abandon-rotation', 'list', 'revoke', 'rotate', 'token'];

/** Loaded when it is needed: where only keys are made, the platform's own code is not there. */
async function askAuthority(command: string, names: readonly string[], options: AuthorityOptions): Promise<void> {
  const { AUTHORITY_COMMANDS } = await import('./authority-commands.ts');
  await AUTHORITY_COMMANDS[command]?.(names, options);
}

function secondsOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError('--within is a number of seconds');
}

function ensure(home: string, only: string | undefined, owner: Owner | undefined): void {
  ensurePki({ ...withOwner(home, owner), ...(only === undefined ? {} : { only: only.split(',') }) });
}

function withPki(home: string): string {
  if (existsSync(join(home, 'pki/authority'))) return home;
  throw new UsageError(`there is no PKI in ${home}: npm start makes one, --home names another`);
}

const withOwner = (home: string, owner: Owner | undefined) => ({
  home,
  now: new Date(),
  report: (what: string) => console.log(what),
  ...(owner === undefined ? {} : { owner }),
});

/** Half an owner would leave files that neither the one nor the other can read. */
function ownerOf(uid: string | undefined, gid: string | undefined): Owner | undefined {
  if (uid === undefined && gid === undefined) return undefined;
  const isId = (id: string | undefined): id is string => /^\d+$/.test(id ?? '');
  if (isId(uid) && isId(gid)) return { uid: Number(uid), gid: Number(gid) };
  throw new UsageError('--uid and --gid are two numbers, given together');
}

function reset(home: string): void {
  const pki = join(home, 'pki');
  // Someone else's folder, named by a slip, must not be emptied.
  if (!existsSync(join(pki, 'authority'))) return console.log(`There is no PKI in ${home}: nothing to remove.`);
  for (const folder of [pki, join(home, 'offline')]) rmSync(folder, { recursive: true, force: true });
  console.log(`Removed ${pki}, and the roots.`);
}

async function main(): Promise<number> {
  try {
    await readRequest()();
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      return 2;
    }
    // Of the PKI, or of the platform: each says what to do.
    if (!(error instanceof Error) || !('remedy' in error)) throw error;
    console.error(`${styleText('red', '✖')} ${error.message}\n→ ${String(error.remedy)}`);
    return 1;
  }
}

process.exitCode = await main();
