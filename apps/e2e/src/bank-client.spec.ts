import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadClient, loadNamedClient, runFlow, testClientNames } from '@holdfast/tools/client';
import type { FlowName, FlowReport } from '@holdfast/tools/client';
import { describe, expect, inject, it } from 'vitest';

// The bank client of the workspace, which judges everything a server says, against this platform: nothing in it is refused.
const { home, urls } = inject('world');

const developer = {
  issuer: urls.issuer,
  client_id: 'developer',
  profile: 'fapi2-security',
  token_endpoint_auth_method: 'tls_client_auth',
  sender_constraint: 'mtls',
  certificate: 'developer/client.crt',
  key: 'developer/client.key',
  trust: 'trust/web.pem',
  redirect_uri: 'https://client.developer.localhost/callback',
  scope: 'openid',
  authorization_details: [
    { type: 'account_information', actions: ['list_accounts', 'read_balances'], locations: [urls.bank] },
  ],
  client_credentials: { scope: 'grant_management_query' },
  resource: `${urls.bank}/accounts`,
  id_token_signed_response_alg: 'ES256',
  login: { name: 'alice', password: 'alice-demo' },
};

const run = (flow: FlowName, changes: object = {}): Promise<FlowReport> =>
  runFlow(loadClient({ ...developer, ...changes }, join(home, 'pki')), flow);

const titles = ({ steps }: FlowReport): string[] => steps.map(({ title }) => title);

describe('the bank client', () => {
  it('goes through the flow code, pages and all [FAPI2-SP-FINAL-5.3.3]', async () => {
    const report = await run('code');
    expect(report).toMatchObject({ outcome: 'passed' });
    expect(report.steps[2]?.checked).toEqual(['logged in', 'agreed', 'back at the redirect URI by query']);
    expect(titles(report)).toEqual(expect.arrayContaining(['tokens', 'userinfo', 'the resource']));
  });

  it('refreshes, and reads with the new token [RFC6749-6]', async () => {
    const report = await run('refresh');
    expect(report).toMatchObject({ outcome: 'passed' });
    expect(titles(report)).toContain('refresh');
  });

  it('is told by introspection that the token is bound to its certificate [RFC8705-3.2]', async () => {
    const report = await run('introspect');
    expect(report).toMatchObject({ outcome: 'passed' });
    const introspection = report.steps.find(({ title }) => title === 'introspection');
    expect(introspection?.checked).toEqual(['active, and ours', 'bound to our key']);
  });

  it('revokes, and neither refreshes nor reads any more [RFC7009-2.1]', async () => {
    const report = await run('revoke');
    expect(report).toMatchObject({ outcome: 'passed' });
    expect(report.steps.at(-1)?.checked).toEqual(['no refresh', expect.stringMatching(/^the resource refuses/)]);
  });

  it('gets a token for itself, which opens nobody the accounts [RFC6749-4.4]', async () => {
    const report = await run('client-credentials');
    expect(report).toMatchObject({ outcome: 'refused_by_server' });
    expect(titles(report)).toEqual(['discovery', 'tokens', 'the resource']);
    expect(report.steps.map(({ passed }) => passed)).toEqual([true, true, false]);
  });

  it('is refused with a wrong password, and with the certificate of another client', async () => {
    const login = { name: 'alice', password: 'guess' };
    expect(await run('code', { login })).toMatchObject({ outcome: 'refused_by_server' });
    const other = { certificate: 'lab/second-client.crt', key: 'lab/second-client.key' };
    expect(await run('code', other)).toMatchObject({ outcome: 'refused_by_server', code: 'invalid_client' });
  });

  it('refuses the platform under another name, to the letter [RFC8414-3.3]', async () => {
    const report = await run('code', { issuer: `${urls.issuer}/` });
    expect(report).toMatchObject({ outcome: 'refused', reason: 'issuer_mismatch', clause: 'RFC8414-3.3' });
    expect(titles(report)).toEqual(['discovery']);
  });

  it('knows the authorities of this home from others', async () => {
    const trust = readFileSync(join(home, 'pki/trust/participants.pem'), 'utf8');
    expect(await run('code', { trust })).toMatchObject({ outcome: 'refused', reason: 'server_certificate_refused' });
  });
});

describe('a test client of the platform', () => {
  const as = async (name: string, flow: FlowName): Promise<FlowReport> =>
    runFlow(await loadNamedClient(name, home, home), flow);
  const throughBrowser = testClientNames().filter((name) => !name.startsWith('ciba-'));
  // One of each pair; the other differs in its keys alone, which other suites see to.
  const [first, second] = [/-1$/, /-2$/].map((end) => throughBrowser.filter((name) => end.test(name)));

  it.each(second ?? [])('%s goes through the flow code', async (name) => {
    expect(await as(name, 'code')).toMatchObject({ outcome: 'passed' });
  });

  it.each((first ?? []).filter((name) => name.startsWith('fapi1-')))(
    '%s goes through the flow hybrid [FAPI1-ADV-5.2.2-2]',
    async (name) => {
      expect(await as(name, 'hybrid')).toMatchObject({ outcome: 'passed' });
    },
  );

  it.each(['ciba-poll-jwt-mtls-2', 'ciba-ping-tls-1'])(
    '%s has the person agree on another device [CIBA-CORE-10.1] [CIBA-CORE-10.2]',
    async (name) => {
      const report = await as(name, name.includes('ping') ? 'ciba-ping' : 'ciba-poll');
      expect(report).toMatchObject({ outcome: 'passed' });
      expect(titles(report)).toContain('the other device');
    },
  );

  it.each(['refresh', 'introspect', 'revoke', 'client-credentials'] satisfies FlowName[])(
    'goes through the flow %s with tokens bound to its key [RFC9449-5]',
    async (flow) => {
      expect(await as('security-jwt-dpop-2', flow)).toMatchObject({ outcome: 'passed' });
    },
  );
});
