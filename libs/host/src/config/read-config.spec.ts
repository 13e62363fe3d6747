import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from './read-config.ts';
import { healthConfig, identityConfig, listenerConfig } from './schemas.ts';

const schema = z.strictObject({
  listener: listenerConfig,
  identity: identityConfig,
  peers: z.record(z.string(), z.strictObject({ url: z.string() })).optional(),
  clients: z.array(z.strictObject({ id: z.string(), auth: z.strictObject({ dns: z.string() }) })).default([]),
  store: z.discriminatedUnion('engine', [
    z.strictObject({ engine: z.literal('sqlite'), file: z.string() }),
    z.strictObject({ engine: z.literal('postgres'), host: z.string() }),
  ]),
});

const valid = {
  listener: { host: '127.0.0.1', port: 9543 },
  identity: { certificate: 'pki/bank/api.crt', key: 'pki/bank/api.key' },
  store: { engine: 'sqlite', file: 'data/bank.sqlite' },
};

function fileOf(content: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), 'holdfast-config-')), 'bank.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}
const read = (content: unknown) => readConfig(fileOf(content), schema);

describe('a configuration file', () => {
  it.each([
    [
      'at the top',
      { ...valid, Store: {} },
      'at the top: unknown key "Store", allowed are clients, identity, listener, peers, store',
    ],
    [
      'inside',
      { ...valid, listener: { ...valid.listener, tls: false } },
      'listener: unknown key "tls", allowed are host, port',
    ],
    [
      'in a list',
      { ...valid, clients: [{ id: 'a', auth: { dns: 'b', san: 'c' } }] },
      'clients.0.auth: unknown key "san", allowed are dns',
    ],
    [
      'in a table',
      { ...valid, peers: { bank: { url: 'a', uri: 'b' } } },
      'peers.bank: unknown key "uri", allowed are url',
    ],
    [
      'in an alternative',
      { ...valid, store: { ...valid.store, wal: true } },
      'store: unknown key "wal", allowed are engine, file, host',
    ],
  ])('is refused with an unknown key %s, naming what is allowed', (_where, content, problem) => {
    expect(() => read(content)).toThrow(problem);
  });

  it.each([
    ['a name to bind to, which could be several sockets', { host: 'localhost', port: 1 }, 'listener.host'],
    ['a port out of range', { host: '127.0.0.1', port: 70_000 }, 'listener.port'],
    ['a port as text', { host: '127.0.0.1', port: '9543' }, 'listener.port'],
    ['a missing value', { host: '127.0.0.1' }, 'listener.port'],
  ])('is refused with %s', (_what, listener, path) => {
    expect(() => read({ ...valid, listener })).toThrow(path);
  });

  it('is refused with a plain-text URL to ask for the health', () => {
    expect(healthConfig.safeParse({ url: 'http://bank:80', trust: 'web.pem' }).success).toBe(false);
  });

  it('is refused when it is not JSON or not there, naming the file', () => {
    expect(() => read('{"listener":')).toThrow(/bank\.json is not JSON/);
    expect(() => readConfig('/nowhere/bank.json', schema)).toThrow('/nowhere/bank.json cannot be read (ENOENT)');
  });

  it('is refused by a schema that would drop keys without a word', () => {
    const loose = z.strictObject({ a: z.array(z.object({ b: z.string() })).optional() });
    expect(() => readConfig(fileOf({}), loose)).toThrow('drops unknown keys at (top).a[]');
  });

  it('is read with its defaults', () => {
    expect(read(valid)).toEqual({ ...valid, clients: [] });
  });
});
