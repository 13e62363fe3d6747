import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from './testing/free-port.ts';
import { PERSON } from './testing/registration.ts';
import type { Variant } from './testing/registration.ts';
import { having } from './testing/signer.ts';
import { World } from './testing/world.ts';
import { loadClient } from './load-client.ts';
import { runFlow } from './run-flow.ts';
import type { FlowName } from './flows/flow-names.ts';

// Every flow against an honest server that judges the client: the control of all refusals.
let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const passes = async (flow: FlowName, variant?: Variant, bend?: Parameters<World['run']>[2]) => {
  const report = await world.run(flow, variant, bend);
  expect(report, JSON.stringify(report)).toMatchObject({ outcome: 'passed' });
  return report;
};

const endpoints = (): string[] => world.server.calls.map(({ endpoint }) => endpoint);

describe('the flow code', () => {
  const kinds: readonly [string, Variant][] = [
    ['a certificate [RFC8705-2.1]', {}],
    ['a self-signed certificate [RFC8705-2.2]', { auth: 'self_signed_tls_client_auth' }],
    [
      'an assertion for the issuer as one string, tokens bound to a certificate [FAPI2-SP-FINAL-5.3.3.1-5] [CLI-08]',
      { auth: 'private_key_jwt' },
    ],
    ['an assertion, tokens bound to a key [RFC9449-5]', { auth: 'private_key_jwt', constraint: 'dpop' }],
    ['a certificate, tokens bound to a key [RFC9449-5]', { constraint: 'dpop' }],
    ['signed requests and plain answers [FAPI2-MS-FINAL-5.3.2]', { profile: 'fapi2-message-signing' }],
    [
      'signed requests and answers [FAPI2-MS-FINAL-5.4.2]',
      { profile: 'fapi2-message-signing', auth: 'private_key_jwt', constraint: 'dpop', responseMode: 'jwt' },
    ],
    ['signed answers of FAPI 1.0 [FAPI1-ADV-5.2.2-2]', { profile: 'fapi1-advanced', responseMode: 'jwt' }],
    ['answers by a form', { responseMode: 'form_post' }],
    ['signed answers by a form [JARM-2.3.3]', { profile: 'fapi2-message-signing', responseMode: 'form_post.jwt' }],
    ['signed answers in the fragment [JARM-2.3.2]', { profile: 'fapi2-message-signing', responseMode: 'fragment.jwt' }],
    ['PS256 keys', { profile: 'fapi2-message-signing', auth: 'private_key_jwt', alg: 'PS256', responseMode: 'jwt' }],
    [
      'EdDSA keys, by that name',
      {
        profile: 'fapi2-message-signing',
        auth: 'private_key_jwt',
        constraint: 'dpop',
        alg: 'EdDSA',
        responseMode: 'jwt',
      },
    ],
  ];

  it.each(kinds)('goes through with %s', async (_title, variant) => {
    await passes('code', variant);
    expect(endpoints().filter((each) => each !== 'jwks')).toEqual(
      expect.arrayContaining(['discovery', 'par', 'authorize', 'token', 'userinfo', 'resource']),
    );
    expect(endpoints()).not.toContain('other bank');
  });

  it('goes through without OpenID Connect, and then asks nobody who it was', async () => {
    await passes('code', { scope: 'accounts' });
    expect(endpoints()).toEqual(['discovery', 'par', 'authorize', 'token', 'resource']);
  });

  it('makes every direct call by the mTLS name when it uses its certificate [RFC8705-5]', async () => {
    await passes('code');
    const doors = Object.fromEntries(world.server.calls.map(({ endpoint, door }) => [endpoint, door]));
    expect(doors).toMatchObject({
      discovery: 'browser',
      authorize: 'browser',
      par: 'mtls',
      token: 'mtls',
      userinfo: 'mtls',
    });
  });

  it('lets the browser have no certificate', async () => {
    await passes('code');
    expect(world.server.callsTo('authorize').map(({ request }) => request.certificate)).toEqual([undefined]);
  });

  it('sends the browser with client_id and request_uri alone [FAPI2-SP-FINAL-5.3.3.2-6]', async () => {
    await passes('code');
    const [call] = world.server.callsTo('authorize');
    expect([...call!.request.query.keys()]).toEqual(['client_id', 'request_uri']);
  });

  it('uses another state, nonce and verifier each time [FAPI2-SP-FINAL-5.3.3.1-12]', async () => {
    const seen = new Set<string>();
    for (let run = 0; run < 3; run++) {
      await passes('code');
      const { form } = world.server.callsTo('par')[0]!.request;
      for (const name of ['state', 'nonce', 'code_challenge']) seen.add(form.get(name)!);
    }
    expect(seen.size).toBe(9);
  });

  it('names the issuer in its assertions, as one string [FAPI2-SP-FINAL-5.3.3.1-5] [CLI-08]', async () => {
    await passes('code', { auth: 'private_key_jwt', constraint: 'dpop' });
    for (const endpoint of ['par', 'token'] as const) {
      const { form } = world.server.callsTo(endpoint)[0]!.request;
      const { aud, iss, sub } = decodeJwt(form.get('client_assertion') ?? '');
      expect({ aud, iss, sub }).toEqual({ aud: world.server.addresses.issuer, iss: 'developer', sub: 'developer' });
    }
  });

  it('shows the token in the header alone [RFC6750-2.1]', async () => {
    await passes('code');
    for (const endpoint of ['userinfo', 'resource'] as const) {
      const { headers, query } = world.server.callsTo(endpoint)[0]!.request;
      expect(headers.authorization).toMatch(/^Bearer \S+$/);
      expect([...query.keys()]).toEqual([]);
    }
  });

  it('takes up the nonce of each server it meets [RFC9449-8]', async () => {
    await passes('code', { constraint: 'dpop' });
    expect(world.server.callsTo('par')).toHaveLength(2);
    // The authorization server and the bank are two, and each says its nonce once.
    expect(world.server.callsTo('token')).toHaveLength(1);
    expect(world.server.callsTo('resource')).toHaveLength(2);
  });

  it('logs in and agrees to what is ticked where the server shows its pages', async () => {
    const report = await passes('code', { pages: 'shown', login: PERSON });
    expect(report.steps[2]?.checked).toEqual(['logged in', 'agreed', 'back at the redirect URI by query']);
  });

  it('knows its redirect URI with a query of its own, and keeps it [RFC6749-3.1.2]', async () => {
    const redirectUri = 'https://client.developer.localhost/callback?desk=7&state=of-the-desk';
    for (const responseMode of ['query', 'jwt', 'form_post'] as const) {
      await passes('code', { redirectUri, responseMode, profile: 'fapi2-message-signing' });
      expect(world.server.callsTo('token')[0]!.request.form.get('redirect_uri')).toBe(redirectUri);
    }
  });

  it('tolerates one audience in a list, any letter case of the type, no expires_in [OIDC-CORE-2, RFC6749-5.1]', async () => {
    await passes('code', {}, { idToken: { claims: (honest) => ({ ...honest, aud: [honest['aud']] }) } });
    await passes('code', {}, { tokenResponse: having({ token_type: 'bEaReR' }) });
    await passes('code', { constraint: 'dpop' }, { tokenResponse: having({ token_type: 'dpop' }) });
    await passes('code', {}, { tokenResponse: having({ expires_in: undefined }) });
  });

  it('uses the ordinary names where the metadata has no others [RFC8705-5]', async () => {
    const { mtls } = world.server.addresses;
    const atMtls = (name: string, path: string): [string, string] => [name, `${mtls}${path}`];
    const bend = having({
      mtls_endpoint_aliases: undefined,
      ...Object.fromEntries([
        atMtls('pushed_authorization_request_endpoint', '/par'),
        atMtls('token_endpoint', '/token'),
        atMtls('userinfo_endpoint', '/userinfo'),
      ]),
    });
    await passes('code', {}, { metadata: bend });
  });

  it('finds the metadata of an issuer with a path, in either place [FAPI2-SP-FINAL-5.3.3.1-9] [CLI-01]', async () => {
    await passes('code', { path: '/harbour/eu' });
    expect(world.server.callsTo('discovery').map(({ request }) => request.path)).toEqual([
      '/harbour/eu/.well-known/openid-configuration',
    ]);
    let asked = 0;
    await passes(
      'code',
      { path: '/harbour/eu' },
      { discovery: (honest) => (asked++ === 0 ? { status: 404 } : honest) },
    );
    expect(world.server.callsTo('discovery')[1]?.request.path).toBe(
      '/.well-known/oauth-authorization-server/harbour/eu',
    );
  });

  it('finds metadata in the other well-known place [RFC8414-5]', async () => {
    let asked = 0;
    await passes('code', {}, { discovery: (honest) => (asked++ === 0 ? { status: 404 } : honest) });
    expect(world.server.callsTo('discovery').map(({ request }) => request.path)).toEqual([
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
    ]);
  });

  it('looks behind and before the path of an issuer that has one, and nowhere else [FAPI2-SP-FINAL-5.3.3.1-9] [RFC8414-3.1] [CLI-01]', async () => {
    const { issuer } = world.server.addresses;
    const file = { ...(await world.begin()), issuer: `${issuer}/tenant` };
    const report = await runFlow(loadClient(file, import.meta.dirname), 'code');
    expect(report.outcome).not.toBe('passed');
    expect(world.server.calls.map(({ request }) => request.path)).toEqual([
      '/tenant/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/tenant',
    ]);
  });
});

describe('the other flows', () => {
  it.each([{}, { constraint: 'dpop', auth: 'private_key_jwt' }] as Variant[])(
    'refresh goes through with %j [RFC6749-6]',
    async (variant) => {
      const { steps } = await passes('refresh', variant);
      expect(steps.map(({ title }) => title)).toEqual(expect.arrayContaining(['refresh', 'the resource']));
      expect(world.server.callsTo('resource').length).toBeGreaterThan(1);
    },
  );

  it('client-credentials goes through and does not ask who logged in [RFC6749-4.4]', async () => {
    await passes('client-credentials', { constraint: 'dpop', auth: 'private_key_jwt' });
    await passes('client-credentials');
    expect(endpoints()).toEqual(['discovery', 'token', 'resource']);
  });

  it.each(['fragment', 'form_post'] as const)(
    'hybrid goes through with the answer by %s [OIDC-CORE-3.3]',
    async (mode) => {
      const responseMode = mode === 'form_post' ? { responseMode: mode } : {};
      const { steps } = await passes('hybrid', { profile: 'fapi1-advanced', ...responseMode });
      expect(steps.find(({ title }) => title === 'the browser')?.checked).toContain(
        `back at the redirect URI by ${mode}`,
      );
    },
  );

  it('ciba-poll asks until it is decided [CIBA-CORE-10.1.1]', async () => {
    const { steps } = await passes('ciba-poll', { profile: 'fapi-ciba' });
    expect(steps.find(({ title }) => title === 'the decision')?.checked[0]).toBe('at question 2');
    expect(world.server.callsTo('token')).toHaveLength(2);
  });

  it('ciba-poll has the person agree to what shows our message, and to nothing else [CIBA-CORE-7.1]', async () => {
    const variant: Variant = { profile: 'fapi-ciba', approval: true, login: PERSON };
    const { steps } = await passes('ciba-poll', variant);
    expect(steps.map(({ title }) => title)).toContain('the other device');
    const decisions = world.server.calls.filter(({ request }) => request.path.endsWith('/decision'));
    expect(decisions.map(({ request }) => request.path)).toEqual([expect.not.stringContaining('foreign')]);
  });

  it('ciba-ping asks once, after it was told [CIBA-CORE-10.2]', async () => {
    await passes('ciba-ping', { profile: 'fapi-ciba', auth: 'private_key_jwt', notificationPort: await freePort() });
    expect(world.server.callsTo('token')).toHaveLength(1);
  });

  it('introspect finds the token alive, ours and bound to our key [RFC7662-2.2]', async () => {
    for (const constraint of ['mtls', 'dpop'] as const) {
      const { steps } = await passes('introspect', { constraint });
      expect(steps.find(({ title }) => title === 'introspection')?.checked).toContain('bound to our key');
    }
  });

  it('revoke ends the grant, and looks [RFC7009-2.1]', async () => {
    const { steps } = await passes('revoke');
    expect(steps.at(-1)).toMatchObject({ checked: ['no refresh', 'the resource refuses (invalid_token)'] });
  });
});
