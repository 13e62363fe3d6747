import { expect, it } from 'vitest';
import { storeConfig } from './store-config.ts';

const local = {
  engine: 'postgres',
  host: '127.0.0.1',
  port: 5432,
  database: 'bank',
  user: 'bank',
  passwordFile: 'secret',
};
const remote = { ...local, host: 'db.example', serverCa: 'pki/trust/db.pem' };

it.each([
  ['an unknown engine', { engine: 'memory' }],
  ['SQLite without a file', { engine: 'sqlite' }],
  ['a setting nobody reads', { engine: 'sqlite', file: 'data/bank.sqlite', wal: false }],
  ['a setting of the other engine', { ...local, file: 'data/bank.sqlite' }],
  ['a password in the configuration itself', { ...local, password: 'secret' }],
  ['PostgreSQL without a password file', { ...local, passwordFile: undefined }],
  ['a port that is none', { ...local, port: 0 }],
  ['an unencrypted network', { ...remote, serverCa: undefined }],
  ['a host that only begins like the loopback', { ...local, host: '127.0.0.1.example' }],
  ['an empty pool', { ...local, poolSize: 0 }],
])('refuses %s', (_what, config) => {
  expect(storeConfig.safeParse(config).success).toBe(false);
});

it.each(['127.0.0.1', '::1', 'localhost', '/run/postgresql'])(
  'takes %s without TLS: nothing leaves the machine',
  (host) => {
    expect(storeConfig.safeParse({ ...local, host }).success).toBe(true);
  },
);

it('takes both engines', () => {
  expect(storeConfig.parse({ engine: 'sqlite', file: 'data/bank.sqlite' }).engine).toBe('sqlite');
  expect(storeConfig.parse({ ...remote, poolSize: 5 }).engine).toBe('postgres');
});
