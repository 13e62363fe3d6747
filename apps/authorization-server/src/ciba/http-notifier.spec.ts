import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotificationEndpoint } from '../testing/notification-endpoint.ts';
import { pki } from '../testing/server-under-test.ts';
import { httpNotifier } from './http-notifier.ts';

const TOKEN = 'token-of-the-client.-_~+/=';

const rules = { trust: pki.web.trust, names: 'loopback', deadlineMs: 1_000 } as const;
let endpoint: NotificationEndpoint;
const closing: NotificationEndpoint[] = [];

beforeEach(async () => {
  endpoint = await open();
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((each) => each.close()));
});

async function open(...certificate: Parameters<typeof NotificationEndpoint.open>): Promise<NotificationEndpoint> {
  const opened = await NotificationEndpoint.open(...certificate);
  closing.push(opened);
  return opened;
}
const notify = (url: string, hosts = ['lab.localhost']) => httpNotifier(rules, hosts).notify(url, TOKEN, 'auth-req-1');

describe('a client is not called', () => {
  const untouched = async (url: string, problem: RegExp, hosts?: string[]) => {
    await expect(notify(url, hosts)).rejects.toThrow(problem);
    expect(endpoint.heard).toEqual([]);
    // The positive control.
    expect(await notify(endpoint.url())).toBe(204);
  };

  it('at a host that was not permitted', () => untouched(endpoint.url(), /no host that may be called/, []));

  it('at the address behind a permitted name', () =>
    untouched(endpoint.url('127.0.0.1'), /no host that may be called/));

  it('at a name that ends or begins like a permitted one', async () => {
    await expect(notify(endpoint.url('evil.lab.localhost'))).rejects.toThrow(/no host/);
    await untouched(endpoint.url('lab.localhost.evil.test'), /no host that may be called/);
  });

  it('in plain text', () => untouched(endpoint.url().replace('https:', 'http:'), /no host that may be called/));

  it('with a user name in its address', () =>
    untouched(endpoint.url('lab.localhost').replace('//', '//user:secret@'), /no host that may be called/));

  it('at a permitted name that leads inside', async () => {
    const inside = { ...rules, names: 'dns', resolve: async () => ['127.0.0.1'] } as const;
    const ping = httpNotifier(inside, ['lab.localhost']).notify(endpoint.url(), TOKEN, 'auth-req-1');
    await expect(ping).rejects.toThrow(/address_not_public/);
    await untouched(endpoint.url('127.0.0.1'), /no host that may be called/);
  });

  it('whose certificate nobody vouches for', async () => {
    const { intermediate } = pki.rogue('web');
    const rogue = await open(pki.mint({ issuer: intermediate, purpose: 'server', dnsNames: ['lab.localhost'] }));
    await untouched(rogue.url(), /certificate/);
    expect(rogue.heard).toEqual([]);
  });

  it('whose certificate is for another name', async () => {
    const other = await open('fintech/web');
    await untouched(other.url(), /certificate_refused: ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(other.heard).toEqual([]);
  });
});

describe('a ping', () => {
  it('is a POST of the auth_req_id as JSON, with the client’s token as Bearer [CIBA-CORE-10.2] [CIBA-15]', async () => {
    expect(await notify(endpoint.url())).toBe(204);
    expect(endpoint.heard).toMatchObject([
      {
        method: 'POST',
        path: '/ping',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: '{"auth_req_id":"auth-req-1"}',
      },
    ]);
  });

  it('goes nowhere else when it is answered by a redirect [CIBA-CORE-10.2]', async () => {
    const elsewhere = await open();
    endpoint.answer = (response) => response.writeHead(307, { location: elsewhere.url() }).end();
    expect(await notify(endpoint.url())).toBe(307);
    expect(elsewhere.heard).toEqual([]);
  });

  it('takes no more of an answer than its status, however long that is [CIBA-CORE-10.2]', async () => {
    endpoint.answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('x'.repeat(1_000_000));
    expect(await notify(endpoint.url())).toBe(200);
  });

  it('waits for an answer until its deadline', async () => {
    endpoint.answer = () => undefined;
    await expect(notify(endpoint.url())).rejects.toThrow(/too_slow/);
  });

  it('says why it did not arrive', async () => {
    const { port } = endpoint;
    await endpoint.close();
    await expect(notify(`https://lab.localhost:${port}/ping`)).rejects.toThrow(/ECONNREFUSED/);
  });
});
