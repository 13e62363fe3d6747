import type { LookupOptions } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { localhostLookup } from './localhost-lookup.ts';

function resolve(hostname: string, options: LookupOptions = {}): Promise<unknown> {
  const lookup = localhostLookup('loopback');
  if (lookup === undefined) throw new Error('no lookup');
  return new Promise((done, failed) => {
    lookup(hostname, options, (error, address, family) => (error ? failed(error) : done([address, family])));
  });
}

describe('names under localhost [RFC6761-6.3]', () => {
  it('have no IPv6 address', async () => {
    await expect(resolve('auth.localhost', { family: 6 })).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('do not include names that only look like them', async () => {
    await expect(resolve('auth.localhost.invalid')).rejects.toThrow();
    await expect(resolve('notlocalhost.invalid')).rejects.toThrow();
  });

  it.each(['localhost', 'auth.localhost', 'mtls.auth.localhost', 'AUTH.LOCALHOST', 'auth.localhost.'])(
    'are loopback without a question to anybody: %s',
    async (name) => {
      await expect(resolve(name)).resolves.toEqual(['127.0.0.1', 4]);
      await expect(resolve(name, { family: 4 })).resolves.toEqual(['127.0.0.1', 4]);
      await expect(resolve(name, { all: true })).resolves.toEqual([[{ address: '127.0.0.1', family: 4 }], undefined]);
    },
  );

  it('are nothing special when names come from DNS', () => {
    expect(localhostLookup('dns')).toBeUndefined();
  });
});
