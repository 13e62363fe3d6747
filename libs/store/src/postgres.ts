import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { PostgresDialect } from 'kysely';
import type { Dialect } from 'kysely';
import pg from 'pg';
import { CLEAR_TEXT_REMEDY, speaksInTheClear } from './store-config.ts';
import type { PostgresConfig } from './store-config.ts';
import { StoreError } from './store-error.ts';

/** A pool on the configured server. Connects when first used. Throws {@link StoreError} for what it must not start with. */
export function postgresDialect(config: PostgresConfig, home: string): Dialect {
  if (speaksInTheClear(config)) {
    throw new StoreError(`PostgreSQL at ${config.host} would be spoken to in the clear`, CLEAR_TEXT_REMEDY);
  }
  const passwordFile = resolve(home, config.passwordFile);
  readSetting(passwordFile, 'passwordFile');
  const pool = new pg.Pool({
    host: config.host,
    port: config.port,
    database: config.database,
    user: config.user,
    // Read for each connection: a rotated password needs no restart.
    password: async () => (await readFile(passwordFile, 'utf8')).trimEnd(),
    max: config.poolSize ?? 10,
    application_name: 'holdfast',
    // Always said outright: left out, the environment could choose the mode that does not verify.
    ssl: config.serverCa === undefined ? false : verifiedTls(config.host, resolve(home, config.serverCa)),
    // Waiting longer than this for a connection is an outage; the caller refuses (milliseconds, our choice).
    connectionTimeoutMillis: 5_000,
    // A replica that hangs inside a transaction must not keep its row locks.
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    // The verbs are argued for READ COMMITTED; a server set to another level would answer a lost race with an error.
    options: '-c default_transaction_isolation=read\\ committed',
    types,
  });
  // An idle connection may die (server restart). The pool replaces it; without a listener the process would stop.
  pool.on('error', () => undefined);
  // The pool listens on resting connections only. One that dies while lent out fails its query, which is told there; without
  // a listener of its own its late error would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new PostgresDialect({ pool });
}

function verifiedTls(host: string, caFile: string): pg.PoolConfig['ssl'] {
  let ca = readSetting(caFile, 'serverCa');
  return {
    // Read for each connection: authorities are rotated while this process runs. While the file cannot be read, those it held count.
    get ca() {
      try {
        ca = readFileSync(caFile, 'utf8');
      } catch {
        // The connection is made with what was trusted before, or refused by it.
      }
      return ca;
    },
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    // pg hands Node no name when the host is an address, and Node would then judge the certificate for "localhost".
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  };
}

function readSetting(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StoreError(
      `${setting} ${file} cannot be read`,
      `Create the file or correct ${setting} in the store configuration.`,
      error,
    );
  }
}

/** pg hands 64-bit integers over as text, node:sqlite as numbers. Numbers on both; beyond 2^53 both throw. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('a stored integer is too large for a number');
});

/** Says in one line why the server could not be reached, and what to do. */
export function postgresUnreachable(config: PostgresConfig, error: unknown): StoreError {
  const where = `PostgreSQL at ${config.host}:${config.port}`;
  switch (errorCode(error)) {
    case '28P01':
    case '28000':
      return new StoreError(
        `${where} refused user ${config.user}`,
        'Check user and passwordFile in the store configuration.',
        error,
      );
    case '3D000':
      return new StoreError(
        `${where} has no database ${config.database}`,
        `Create it: createdb --owner ${config.user} ${config.database}`,
        error,
      );
    default:
      return new StoreError(
        `${where} does not answer: ${errorText(error)}`,
        'Start it, or correct host, port and serverCa in the store configuration.',
        error,
      );
  }
}

function errorCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** The first line; a name with several addresses fails with an AggregateError that has no text of its own. */
function errorText(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return (first instanceof Error ? first.message : String(first)).split('\n', 1)[0] ?? '';
}
