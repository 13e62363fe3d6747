import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from './open-store.ts';
import type { Store } from './open-store.ts';
import type { PostgresConfig } from './store-config.ts';
import { startPostgres } from './testing/postgres-server.ts';
import type { PostgresServer } from './testing/postgres-server.ts';
import { serverUser } from './testing/server-user.ts';

let home: string;
let server: PostgresServer;
let config: PostgresConfig;
const open = (change: Partial<PostgresConfig>): Promise<Store> =>
  openStore({ ...config, ...change }, { home, migrations: {} });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-tls-'));
  chmodSync(home, 0o755);
  makeCertificate('server', 'localhost');
  makeCertificate('stranger', 'localhost');
  const port = await freePort();
  server = await startPostgres(undefined, {
    listen_addresses: '127.0.0.1',
    port: String(port),
    ssl: 'on',
    ssl_cert_file: join(home, 'server.pem'),
    ssl_key_file: join(home, 'server.key'),
  });
  config = { engine: 'postgres', ...server.address, host: 'localhost', port, database: 'postgres' };
});
afterAll(async () => {
  await server.stop();
  rmSync(home, { recursive: true });
});

it('refuses a server whose certificate another authority signed', async () => {
  await expect(open({ serverCa: 'stranger.pem' })).rejects.toMatchObject({
    message: expect.stringContaining('self-signed certificate'),
    remedy: expect.stringContaining('serverCa'),
  });
});

it('refuses a certificate made out to another name, also when the host is an address', async () => {
  await expect(open({ serverCa: 'server.pem', host: '127.0.0.1' })).rejects.toMatchObject({
    message: expect.stringContaining("IP: 127.0.0.1 is not in the cert's list"),
  });
});

it('refuses to send anything to another machine without TLS', async () => {
  await expect(open({ host: 'db.example' })).rejects.toMatchObject({
    message: 'PostgreSQL at db.example would be spoken to in the clear',
    remedy: expect.stringContaining('serverCa'),
  });
});

it('speaks TLS 1.3 to the server whose authority is configured', async () => {
  const store = await open({ serverCa: 'server.pem' });
  const { rows } = await sql`select ssl, version from pg_stat_ssl where pid = pg_backend_pid()`.execute(store.db);
  expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
  await store.close();
});

it('follows the authorities in the file from one connection to the next, and keeps them while it is away', async () => {
  const file = join(home, 'followed.pem');
  copyFileSync(join(home, 'server.pem'), file);
  const store = await open({ serverCa: 'followed.pem', poolSize: 1 });
  // Ends its own connection, so that the next query needs another one.
  const hangUp = () => sql`select pg_terminate_backend(pg_backend_pid())`.execute(store.db).catch(() => undefined);
  const ask = () =>
    sql`select 1`.execute(store.db).then(
      () => 'answered',
      (error: unknown) => String(error),
    );
  const comesTo = (end: RegExp) => expect.poll(ask, { interval: 20 }).toMatch(end);

  copyFileSync(join(home, 'stranger.pem'), file);
  await hangUp();
  await comesTo(/self-signed certificate/);
  copyFileSync(join(home, 'server.pem'), file);
  await comesTo(/answered/);
  rmSync(file);
  await hangUp();
  await comesTo(/answered/);
  await store.close();
});

/** A self-signed certificate, its key readable by the server's user only. */
function makeCertificate(name: string, dnsName: string): void {
  const key = join(home, `${name}.key`);
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
      .concat(['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${dnsName}`])
      .concat(['-keyout', key, '-out', join(home, `${name}.pem`)]),
    { stdio: 'ignore' },
  );
  chmodSync(key, 0o600);
  const { uid, gid } = serverUser();
  if (uid !== undefined && gid !== undefined) chownSync(key, uid, gid);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
