import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from './open-store.ts';
import type { PostgresConfig } from './store-config.ts';
import { databaseOf, storesUnderTest } from './testing/index.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
afterAll(() => rmSync(home, { recursive: true }));

const postgres = storesUnderTest().find(({ name }) => name === 'postgres')!;
let good: PostgresConfig;
beforeAll(async () => {
  const { config } = await postgres.create();
  if (config.engine === 'postgres') good = config;
});

describe('refuses, in one line with a remedy,', () => {
  const refused = (change: Partial<PostgresConfig>) =>
    expect(openStore({ ...good, ...change }, { home, migrations: {} })).rejects;

  it('a server that is not there', async () => {
    await refused({ host: '127.0.0.1', port: 1 }).toMatchObject({
      name: 'StoreError',
      message: expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:1 does not answer: .*ECONNREFUSED.*$/),
      remedy: expect.stringContaining('Start it'),
    });
  });

  it('a wrong password, without printing it', async () => {
    writeFileSync(join(home, 'wrong'), 'not-the-password');
    await refused({ passwordFile: 'wrong' }).toMatchObject({
      message: expect.stringMatching(/refused user holdfast$/),
      remedy: expect.not.stringContaining('not-the-password'),
    });
  });

  it('a missing password file, before it asks the server', async () => {
    await refused({ passwordFile: 'nowhere', port: 1 }).toMatchObject({
      message: `passwordFile ${join(home, 'nowhere')} cannot be read`,
    });
  });

  it('a database that does not exist', async () => {
    await refused({ database: 'nowhere' }).toMatchObject({ remedy: 'Create it: createdb --owner holdfast nowhere' });
  });

  it('a server that speaks no TLS when an authority for it is configured', async () => {
    writeFileSync(join(home, 'ca.pem'), '');
    await refused({ serverCa: 'ca.pem' }).toMatchObject({ message: expect.stringContaining('does not support SSL') });
  });
});

it('judges lost races under READ COMMITTED even where the server prefers another level', async () => {
  const store = await openTwice('alter database $ set default_transaction_isolation = serializable');
  const { rows } = await sql`show transaction isolation level`.execute(store.db);
  expect(rows).toEqual([{ transaction_isolation: 'read committed' }]);
});

it('survives the death of its connections, and answers again', async () => {
  const store = await postgres.open();
  const killer = await postgres.open({}, { sameAs: store });
  await store.ping();
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(killer.db);
  await expect.poll(() => store.ping().then(() => 'ready')).toBe('ready');
});

it('reads a rotated password without a restart', async () => {
  const role = 'rotating';
  const admin = await postgres.open();
  await sql.raw(`create role ${role} login superuser password 'first'`).execute(admin.db);
  writeFileSync(join(home, 'rotating'), 'first\n');
  const config: PostgresConfig = { ...good, user: role, passwordFile: 'rotating', poolSize: 1 };
  const store = await openStore(config, { home, migrations: {} });
  await sql.raw(`alter role ${role} password 'second'`).execute(admin.db);
  writeFileSync(join(home, 'rotating'), 'second\n');
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`.execute(admin.db);
  await expect.poll(() => store.ping().then(() => 'ready')).toBe('ready');
  await store.close();
});

/** A store opened after its database was altered; `$` stands for the database's name. */
async function openTwice(statement: string) {
  const first = await postgres.open();
  const { config } = databaseOf(first);
  if (config.engine !== 'postgres') throw new Error('not the engine under test');
  await sql.raw(statement.replace('$', config.database)).execute(first.db);
  return postgres.open({}, { sameAs: first });
}
