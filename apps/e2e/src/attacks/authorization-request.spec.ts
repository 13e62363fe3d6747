import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Http, said } from '../wire/http.ts';
import { Person } from '../wire/person.ts';
import { paramsOf, random, RawClient } from '../wire/raw-client.ts';
import type { Changes, Exchange } from '../wire/raw-client.ts';
import { Trail } from '../wire/trail.ts';
import { expectRefused, invalidGrant, invalidRequest } from './expect-refused.ts';
import type { Refusal } from './expect-refused.ts';

// Group A of docs/attacks.md, but for what the lab plays: what a browser can carry to the authorization server, and what not.
const world = inject('world');
const { issuer } = world.urls;
const trail = new Trail(world.home);
const client = new RawClient('security-tls-2', world);
const other = new RawClient('security-jwt-mtls-2', world);
const guest = new Http(world.home);
afterAll(() => Promise.all([client, other, guest].map((each) => each.close())));

const EVIL = 'https://evil.example/collect';
const unusable = (reason: string): Refusal => ({ status: 400, error: 'invalid_request_uri', reason });

/** The authorization endpoint as a stranger's browser sees it; nothing is followed. */
const visit = (query: Changes | URLSearchParams, method: 'GET' | 'POST' = 'GET'): Promise<Exchange> => {
  const parameters = query instanceof URLSearchParams ? query : paramsOf(query);
  const path = method === 'GET' ? `?${parameters.toString()}` : '';
  const body = method === 'GET' ? {} : { body: parameters };
  const headers = { accept: 'text/html' };
  return client.send(`${issuer}/authorize${path}`, { http: guest, method, headers, ...body }, [...parameters.values()]);
};

async function expectOpen(attempt: { readonly requestUri: string }): Promise<void> {
  const page = await new Person(guest).open(client.authorizeUrl(attempt));
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('id="submit-login"')]);
}

describe('A01, a request that was not pushed,', () => {
  it.each(['GET', 'POST'] as const)('is no request by %s [FAPI2-SP-FINAL-5.3.2.2-3]', async (method) => {
    for (const changes of [{}, { redirect_uri: EVIL }, { request: client.requestObject({}) }]) {
      const exchange = await visit({ client_id: client.id, ...client.parameters(random(), changes) }, method);
      await expectRefused(exchange, invalidRequest('request_not_pushed'), trail);
      expect(exchange.answer.text).not.toContain('submit-login');
    }
    await expectOpen(await client.pushed());
  });
});

describe('A03, the request_uri of another client,', () => {
  it('opens nothing, and is left to its owner [RFC9126-2.2]', async () => {
    const attempt = await client.pushed();
    const exchange = await visit({ client_id: other.id, request_uri: attempt.requestUri });
    await expectRefused(exchange, unusable('request_uri_foreign'), trail);
    await expectOpen(attempt);
  });
});

describe('A04, a request_uri', () => {
  it('is good once: not again after the approval [FAPI2-SP-FINAL-5.3.2.2-12]', async () => {
    const attempt = await client.authorized();
    const again = await visit({ client_id: client.id, request_uri: attempt.requestUri });
    await expectRefused(again, unusable('request_uri_used'), trail);
    expect((await client.token(client.redemption(attempt))).answer.status).toBe(200);
  });

  it('survives a link scanner and a reload [FAPI2-SP-FINAL-5.3.2.2-12]', async () => {
    const attempt = await client.pushed();
    for (let glance = 0; glance < 3; glance++) {
      const { answer } = await visit({ client_id: client.id, request_uri: attempt.requestUri });
      expect([answer.status, answer.headers['location']]).toEqual([303, expect.stringMatching(/^\/interaction\//)]);
    }
    await expectOpen(attempt);
  });

  it.each([
    ['guessed', `urn:ietf:params:oauth:request_uri:${random()}`, 'request_uri_unknown'],
    ['cut short', 'urn:ietf:params:oauth:request_uri:x', 'request_uri_malformed'],
    ['of another kind', `urn:example:${random()}`, 'request_uri_malformed'],
  ])('%s is none [RFC9126-7.1]', async (_title, uri, reason) => {
    await expectRefused(await visit({ client_id: client.id, request_uri: uri }), unusable(reason), trail);
  });

  it('taken up in one browser is not shown in another [RFC9126-7.3]', async () => {
    const attempt = await client.pushed();
    const { answer } = await visit({ client_id: client.id, request_uri: attempt.requestUri });
    const page = new URL(answer.headers['location'] ?? '', issuer).href;
    const elsewhere = await client.send(page, { http: guest, headers: { accept: 'text/html' } });
    await expectRefused(elsewhere, unusable('request_uri_unknown'), trail);
    await expectOpen(attempt);
  });
});

describe('A05, a request_uri of elsewhere', () => {
  it('is never fetched: neither by the browser’s endpoint nor inside a push [RFC9126-2.1]', async () => {
    let connections = 0;
    const bait = createServer((_request, response) => response.end()).on('connection', () => connections++);
    await new Promise<void>((resolve) => bait.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = bait.address() as AddressInfo;
      for (const scheme of ['https', 'http']) {
        const request_uri = `${scheme}://127.0.0.1:${port}/request.jwt`;
        await expectRefused(
          await visit({ client_id: client.id, request_uri }),
          unusable('request_uri_malformed'),
          trail,
        );
        await expectRefused(await client.push({ request_uri }), invalidRequest('request_uri_not_accepted'), trail);
      }
    } finally {
      await new Promise((resolve) => bait.close(resolve));
    }
    expect(connections).toBe(0);
    await expectOpen(await client.pushed());
  });
});

describe('A06, a push for another client,', () => {
  it('is refused to whoever signs, and to whoever shows a certificate [RFC9126-2.1]', async () => {
    const form = other.pushForm(random());
    const forged = await other.post('/par', { ...form, client_id: client.id });
    const mismatch = 'client_authentication_method_mismatch';
    await expectRefused(forged, { status: 401, error: 'invalid_client', reason: mismatch }, trail);
    const signer = new RawClient('security-jwt-dpop-2', world);
    const asSigner = await other.post('/par', { ...form, client_id: signer.id });
    const unknown = { status: 401, error: 'invalid_client', reason: 'client_assertion_key_unknown' };
    await expectRefused(asSigner, unknown, trail);
    expect((await other.push()).answer.status).toBe(201);
    await signer.close();
  });
});

describe('A08, a redirect URI', () => {
  const registered = new URL(client.redirectUri);
  const edited = (edit: (url: URL) => void): string => {
    const url = new URL(registered);
    edit(url);
    return url.href;
  };
  const { host, pathname, search } = registered;

  it.each([
    ['of another host', edited((url) => (url.hostname = 'evil.example'))],
    ['of a host that ends alike', edited((url) => (url.hostname = `evil${url.hostname}`))],
    ['of a host that begins alike', edited((url) => (url.hostname = `${url.hostname}.evil.example`))],
    ['with a path up', `https://${host}${pathname}/../evil${search}`],
    ['with an encoded path up', `https://${host}${pathname}/%2e%2e/evil${search}`],
    ['with a user in front', `https://${host}@evil.example${pathname}${search}`],
    ['with a user of that name', `https://evil.example@${host}${pathname}${search}`],
    ['with a backslash', `https://evil.example\\@${host}${pathname}${search}`],
    ['with a fragment', edited((url) => (url.hash = 'x'))],
    ['of another port', edited((url) => (url.port = '444'))],
    ['of no port', edited((url) => (url.port = ''))],
    ['in capitals', edited((url) => (url.pathname = pathname.toUpperCase()))],
    ['with a host in capitals', `https://${host.toUpperCase()}${pathname}${search}`],
    ['with a slash behind', edited((url) => (url.pathname += '/'))],
    ['with more in the query', `${registered.href}&next=${encodeURIComponent(EVIL)}`],
    ['over http', edited((url) => (url.protocol = 'http'))],
    ['of a scheme of its own', `evil:${pathname}`],
    ['that is a script', 'javascript:alert(1)'],
    ['of data', 'data:text/html,x'],
    ['on loopback', `http://127.0.0.1:1${pathname}`],
    ['of localhost of somebody', `https://localhost.evil.example${pathname}`],
    ['with a letter of another alphabet', registered.href.replace('suite', 'su\u0456te')],
    ['followed by another', `${registered.href} ${EVIL}`],
    ['with a line break', `${registered.href}\r\nlocation: ${EVIL}`],
  ])('%s is not registered, and nobody is sent there [FAPI2-SP-FINAL-5.3.2.2-8]', async (_title, uri) => {
    await expectRefused(await client.push({ redirect_uri: uri }), invalidRequest('redirect_uri_unregistered'), trail);
  });

  it('that is missing is not filled in [FAPI2-SP-FINAL-5.3.2.2-6]', async () => {
    const exchange = await client.push({ redirect_uri: undefined });
    await expectRefused(exchange, invalidRequest('redirect_uri_missing'), trail);
  });

  it('given twice is refused [RFC6749-3.1]', async () => {
    const form = paramsOf(client.pushForm(random()));
    form.append('redirect_uri', EVIL);
    await expectRefused(await client.post('/par', form), invalidRequest('parameter_repeated'), trail);
  });

  it('is the same at the token endpoint, to the letter [RFC6749-4.1.3]', async () => {
    const attempt = await client.authorized();
    const mismatch = invalidGrant('redirect_uri_mismatch');
    for (const uri of [registered.href.split('?')[0], `${registered.href}#`, EVIL, undefined]) {
      const exchange = await client.token({ ...client.redemption(attempt), redirect_uri: uri });
      await expectRefused(exchange, mismatch, trail);
    }
    expect((await client.token(client.redemption(attempt))).answer.status).toBe(200);
  });
});

describe('A09, a redirect for somebody else,', () => {
  const elsewhere = {
    ...{ redirect_uri: EVIL, return_to: EVIL, next: EVIL, target: EVIL, post_logout_redirect_uri: EVIL },
  };

  it.each<[string, Changes, Refusal]>([
    ['an unknown client', { client_id: 'nobody' }, invalidRequest('client_not_registered')],
    ['no client', {}, invalidRequest('client_id_missing')],
    ['an error of the request', { client_id: client.id, prompt: 'x' }, invalidRequest('request_not_pushed')],
    ['a dead request', { client_id: client.id, request_uri: 'x' }, unusable('request_uri_malformed')],
  ])('%s is told here and not there [FAPI2-SP-FINAL-5.3.2.1-7]', async (_title, query, refusal) => {
    await expectRefused(await visit({ ...query, ...elsewhere }), refusal, trail);
  });

  it('neither login nor logout goes where a form says [FAPI2-SP-FINAL-5.3.2.1-7]', async () => {
    const person = new Person(guest);
    const page = await person.open(`${issuer}/grants?${paramsOf(elsewhere).toString()}`);
    const typed = { login: 'alice', password: 'alice-demo', ...elsewhere };
    const login = await person.submit(page, 'submit-login', typed);
    expect([login.status, login.headers['location']]).toEqual([303, '/grants']);
  });

  it('nor does Tidepool, wherever it is told to go next [FAPI2-SP-FINAL-5.3.3.1-4]', async () => {
    const person = new Person(guest);
    const page = await person.open(`${world.urls.fintech}/?${paramsOf(elsewhere).toString()}`);
    const away = await person.submit(page, 'link-bank', elsewhere);
    expect(new URL(away.headers['location'] ?? '', world.urls.fintech).origin).toBe(issuer);
    const callback = await person.visit(`${world.urls.fintech}/callback?${paramsOf({ ...elsewhere, error: 'x' })}`);
    expect([callback.status, callback.headers['location']]).toEqual([400, undefined]);
  });
});

describe('A10, an answer', () => {
  it.each(['token', 'id_token', 'code token', 'code id_token token', 'none', 'CODE'])(
    'of the type %s is not given [FAPI2-SP-FINAL-5.3.2.2-1]',
    async (type) => {
      const refusal = { status: 400, error: 'unsupported_response_type', reason: 'response_type_unsupported' };
      await expectRefused(await client.push({ response_type: type }), refusal, trail);
    },
  );

  it.each(['fragment', 'form_post', 'web_message', 'query.jwt', 'jwt', 'query query.jwt'])(
    'by %s is not given to whom the profile has not [FAPI2-SP-FINAL-5.3.2.2-1]',
    async (mode) => {
      const exchange = await client.push({ response_mode: mode });
      await expectRefused(exchange, invalidRequest('response_mode_unsupported'), trail);
    },
  );

  it('of a code in the query is given', async () => {
    expect((await client.push({ response_mode: 'query' })).answer.status).toBe(201);
  });
});

describe('A18, more scope', () => {
  const narrow = { scope: 'openid' };

  it('is not had at redemption, nor at a refresh [RFC6749-6]', async () => {
    const attempt = await client.authorized(narrow);
    const redeemed = said((await client.token({ ...client.redemption(attempt), scope: 'openid profile' })).answer);
    expect(redeemed['scope'] ?? 'openid').toBe('openid');
    const refresh = { grant_type: 'refresh_token', refresh_token: String(redeemed['refresh_token']) };
    const widened = { status: 400, error: 'invalid_scope', reason: 'scope_widened' };
    for (const scope of ['openid profile', 'grant_management_query'])
      await expectRefused(await client.token({ ...refresh, scope }), widened, trail);
    const kept = await client.token(refresh);
    expect([kept.answer.status, said(kept.answer)['scope'] ?? 'openid']).toEqual([200, 'openid']);
  });

  it('is asked for again, however much was agreed to before [FAPI2-SP-FINAL-5.3.2.2-13]', async () => {
    await client.authorized(narrow);
    const page = await client.atConsent(await client.pushed());
    expect(page.text).toContain('id="consent-approve"');
  });

  it('is not had without asking [OIDC-CORE-3.1.2.6]', async () => {
    await client.authorized(narrow);
    const silent = await client.pushed({ prompt: 'none' });
    const answer = await client.person.visit(client.authorizeUrl(silent));
    const back = new URL(answer.headers['location'] ?? '');
    expect(back.origin + back.pathname).toBe(client.redirectUri.split('?')[0]);
    expect(back.searchParams.get('error')).toBe('consent_required');
    expect(back.searchParams.get('code')).toBeNull();
  });

  it('of the client’s own kind is no person’s to give [RFC6749-3.3]', async () => {
    const refusal = { status: 400, error: 'invalid_scope', reason: 'scope_not_allowed' };
    for (const scope of ['openid grant_management_revoke', 'openid payments', 'openid offline_access'])
      await expectRefused(await client.push({ scope }), refusal, trail);
  });
});

describe('A21, after a password or a decision', () => {
  it('the browser goes on by 303, which carries no form along [FAPI2-SP-FINAL-5.3.2.2-11]', async () => {
    const person = new Person(guest);
    const login = await person.open(client.authorizeUrl(await client.pushed()));
    const typed = { login: 'alice', password: 'alice-demo' };
    const posted = await person.submit(login, 'submit-login', typed);
    expect(posted.status).toBe(303);
    const consent = await person.open(new URL(posted.headers['location'] ?? '', issuer).href);
    const denied = await person.submit(consent, 'consent-deny');
    expect([denied.status, denied.text]).toEqual([303, expect.not.stringContaining('alice-demo')]);
    expect(denied.headers['location']).not.toContain('alice-demo');
  });
});
