import { httpClient } from '@holdfast/host';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ElsewhereServer } from '../testing/published-elsewhere.ts';
import type { OutboundRules } from './outbound-call.ts';
import { outboundCall } from './outbound-call.ts';
import { OutboundRefused } from './outbound-refused.ts';
import { isHostEntry } from './permitted-url.ts';
import { pinnedTo, resolvePublic } from './resolve-once.ts';

const pki = throwAwayPki();
const GET = { method: 'GET', headers: {} } as const;
let honest: ElsewhereServer;
let internal: ElsewhereServer;
let host: string;

beforeAll(async () => {
  honest = await ElsewhereServer.start(pki, 'keys.localhost', 'keys.partner.test');
  internal = await ElsewhereServer.start(pki, 'rpc.auth.localhost', 'localhost');
  host = `keys.localhost:${honest.port}`;
});
afterAll(() => Promise.all([honest.close(), internal.close()]));
beforeEach(() => {
  honest.says({ keys: [] });
  internal.says({ secret: 'metadata of the cloud' });
  for (const server of [honest, internal]) server.connections = server.requests = 0;
});

const caller = (changes: Partial<OutboundRules> = {}) =>
  outboundCall({ hosts: [host], trust: pki.web.trust, names: 'loopback', ...changes });

/** The problem of a call that must be refused; and the honest call works in the same breath. */
async function problem(url: string, changes: Partial<OutboundRules> = {}): Promise<string> {
  const error: unknown = await caller(changes)(url, GET).then(
    () => new Error('it was made'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OutboundRefused);
  return (error as OutboundRefused).problem;
}
const stillHonest = async () => {
  honest.says({ keys: [] });
  expect((await caller()(`https://${host}/jwks`, GET)).status).toBe(200);
};

describe('a call to an address that a client named is refused before any connection', () => {
  const forbidden = (): (readonly [string, string])[] => [
    [`http://${host}/jwks`, 'scheme_not_https'],
    ['file:///etc/passwd', 'scheme_not_https'],
    ['data:application/json,{}', 'scheme_not_https'],
    ['//keys.localhost/jwks', 'url_unreadable'],
    [`https://127.0.0.1:${internal.port}/`, 'host_not_permitted'],
    [`https://[::1]:${internal.port}/`, 'host_not_permitted'],
    [`https://[::ffff:127.0.0.1]:${internal.port}/`, 'host_not_permitted'],
    [`https://0x7f000001:${internal.port}/`, 'host_not_permitted'],
    [`https://2130706433:${internal.port}/`, 'host_not_permitted'],
    [`https://127.1:${internal.port}/`, 'host_not_permitted'],
    ['https://169.254.169.254/latest/meta-data/', 'host_not_permitted'],
    [`https://localhost:${internal.port}/`, 'host_not_permitted'],
    // The port of another listener, such as the one for gRPC, under the permitted name.
    [`https://keys.localhost:${internal.port}/`, 'host_not_permitted'],
    ['https://keys.localhost/jwks', 'host_not_permitted'],
    [`https://sub.keys.localhost:${honest.port}/`, 'host_not_permitted'],
    [`https://keys.localhost.:${honest.port}/`, 'host_not_permitted'],
    [`https://${host}@rpc.auth.localhost:${internal.port}/`, 'url_ambiguous'],
    [`https://user@${host}/`, 'url_ambiguous'],
    [`https://${host}/#@rpc.auth.localhost`, 'url_ambiguous'],
    [`https://rpc.auth.localhost:${internal.port}\\@${host}/`, 'host_not_permitted'],
  ];

  it('by its scheme, its host or its port', async () => {
    for (const [url, expected] of forbidden()) expect([url, await problem(url)]).toEqual([url, expected]);
    expect([honest.connections, internal.connections]).toEqual([0, 0]);
    await stillHonest();
  });

  it.each(['127.0.0.1', '::1', '10.0.0.5', '169.254.169.254', '::ffff:127.0.0.1', 'fd00:ec2::254', '0.0.0.0'])(
    'when a permitted name leads to %s',
    async (address) => {
      const hosts = [`keys.partner.test:${honest.port}`];
      const url = `https://${hosts[0] ?? ''}/jwks`;
      expect(await problem(url, { hosts, resolve: async () => [address] })).toBe('address_not_public');
      // One bad answer among good ones is enough.
      expect(await problem(url, { hosts, resolve: async () => ['93.184.216.34', address] })).toBe('address_not_public');
      expect(honest.connections).toBe(0);
      await stillHonest();
    },
  );

  it('when *.localhost is not kept on this machine, because the platform does not stand on a desk', async () => {
    const resolve = async () => ['127.0.0.1'];
    expect(await problem(`https://${host}/jwks`, { names: 'dns', resolve })).toBe('address_not_public');
    expect(honest.connections).toBe(0);
    await stillHonest();
  });

  it.each(['127.0.0.1', '::1', '169.254.169.254', '0.0.0.0', 'fe80::1', '::ffff:10.0.0.5', '100.64.0.1'])(
    'when a name of our own private network leads to %s, which is in no such network',
    async (address) => {
      const url = `https://${host}/jwks`;
      const own = { names: 'dns', inside: ['keys.localhost'] } as const;
      expect(await problem(url, { ...own, resolve: async () => [address] })).toBe('address_not_public');
      expect(await problem(url, { ...own, resolve: async () => ['10.0.0.5', address] })).toBe('address_not_public');
      expect(honest.connections).toBe(0);
    },
  );

  it('when the address is private and the name is not one of our own network', async () => {
    const resolvesTo = async (address: string, inside: readonly string[]) =>
      resolvePublic('dns', inside, async () => [address])('keys.partner.test');
    for (const address of ['10.0.0.5', '172.30.0.4', '192.168.1.1', 'fd00::4']) {
      await expect(resolvesTo(address, ['suite.localhost', 'partner.test'])).rejects.toThrow('address_not_public');
      expect(await resolvesTo(address, ['keys.partner.test'])).toEqual([address]);
    }
  });

  it('when the name cannot be resolved, or not in time', async () => {
    const hosts = ['keys.partner.test'];
    const url = 'https://keys.partner.test/jwks';
    expect(await problem(url, { hosts, resolve: async () => [] })).toBe('name_not_resolved');
    expect(await problem(url, { hosts, resolve: () => Promise.reject(new Error('SERVFAIL')) })).toBe(
      'name_not_resolved',
    );
    expect(await problem(url, { hosts, resolve: () => new Promise(() => {}), deadlineMs: 100 })).toBe('too_slow');
    await stillHonest();
  });
});

describe('an answer is refused', () => {
  it('when the server is not under the trust that was configured, or has another name', async () => {
    expect(await problem(`https://${host}/jwks`, { trust: pki.services.trust })).toBe('certificate_refused');
    const hosts = [`other.localhost:${honest.port}`];
    expect(await problem(`https://${hosts[0] ?? ''}/jwks`, { hosts })).toBe('certificate_refused');
    expect(honest.requests).toBe(0);
    await stillHonest();
  });

  it('when nobody listens', async () => {
    const gone = await ElsewhereServer.start(pki, 'keys.localhost');
    const hosts = [`keys.localhost:${gone.port}`];
    await gone.close();
    expect(await problem(`https://${hosts[0] ?? ''}/`, { hosts })).toBe('not_connected');
    await stillHonest();
  });

  it('when it says that it is a thousand million bytes, without reading it', async () => {
    honest.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(1e9) });
      response.write('{"keys":[');
    };
    expect(await problem(`https://${host}/jwks`)).toBe('too_large');
    await stillHonest();
  });

  it('when it never ends, soon after the bound', async () => {
    let sent = 0;
    honest.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) sent += 16_384;
        response.once('drain', more);
      };
      more();
    };
    expect(await problem(`https://${host}/jwks`)).toBe('too_large');
    expect(sent).toBeLessThan(50e6);
    await stillHonest();
  });

  it('when it comes too slowly: nothing at all, or a byte now and then', async () => {
    honest.answer = () => undefined;
    expect(await problem(`https://${host}/jwks`, { deadlineMs: 300 })).toBe('too_slow');
    honest.answer = (_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    };
    const began = performance.now();
    expect(await problem(`https://${host}/jwks`, { deadlineMs: 300 })).toBe('too_slow');
    expect(performance.now() - began).toBeLessThan(10_000);
    await stillHonest();
  });
});

describe('a call', () => {
  it('does not follow a redirect to the inside', async () => {
    const location = `https://rpc.auth.localhost:${internal.port}/`;
    honest.answer = (_request, response) => void response.writeHead(302, { location }).end();
    expect(await caller()(`https://${host}/jwks`, GET)).toMatchObject({ status: 302, text: '' });
    expect(internal.connections).toBe(0);
  });

  it('goes to the address that was judged, whatever the name leads to a moment later', async () => {
    const client = httpClient({ serverTrust: pki.web.trust, names: 'dns', lookup: pinnedTo(['127.0.0.1']) });
    const answer = await client.fetch(`https://keys.partner.test:${honest.port}/jwks`);
    expect(answer.status).toBe(200);
    await client.close();
    let asked = 0;
    const hosts = [`keys.partner.test:${honest.port}`];
    const resolve = async () => [++asked === 1 ? '10.0.0.1' : '93.184.216.34'];
    expect(await problem(`https://${hosts[0] ?? ''}/`, { hosts, resolve })).toBe('address_not_public');
    expect(asked).toBe(1);
  });

  it('gives back what a permitted server says', async () => {
    const { status, contentType, text } = await caller()(`https://${host}/jwks`, GET);
    expect([status, contentType, text]).toEqual([200, 'application/json', '{"keys":[]}']);
  });
});

it.each(['127.0.0.1', '[::1]', '0x7f000001', 'KEYS.test', 'keys.test/', 'keys.test:443', 'a b', 'keys.test.', '*', ''])(
  'no host to permit: "%s"',
  (entry) => expect(isHostEntry(entry)).toBe(false),
);
it.each(['keys.test', 'keys.test:8443', 'suite.localhost:8443'])('a host to permit: %s', (entry) =>
  expect(isHostEntry(entry)).toBe(true),
);
