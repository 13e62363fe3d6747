import { loadClient, runFlow } from '@holdfast/tools/client';
import type { ClientFile, FlowName } from '@holdfast/tools/client';
import { exportTestClient, readTestClientRegistry, testClients } from '@holdfast/tools/test-clients';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Http } from './wire/http.ts';
import { OpenidClientFlow } from './wire/openid-client-flow.ts';

// Every combination that the metadata advertises, with every client of the registry, by two outside libraries: the bank
// client of the workspace, which is built on oauth4webapi, and openid-client by itself.
const { home, urls } = inject('world');
const developer = new Http(home, 'developer/client');
afterAll(() => developer.close());
const registry = readTestClientRegistry();
const clients = testClients(registry);
const fileOf = (name: string): ClientFile =>
  exportTestClient(name, registry, { home, issuer: urls.issuer, bank: urls.bank });

/** The library drops the query of a redirect URI; the second client of a pair is registered without one as well. */
const withoutQuery = (file: ClientFile): ClientFile => ({
  ...file,
  redirect_uri: file.redirect_uri?.split('?')[0] ?? '',
});

const run = (name: string, flow: FlowName, changes: Partial<ClientFile> = {}) =>
  runFlow(loadClient({ ...fileOf(name), ...changes }, home, name), flow);

const withCodes = clients.filter(({ profile }) => profile !== 'fapi-ciba').map(({ name }) => name);
const first = (profile: string): readonly string[] =>
  clients.filter((client) => client.profile === profile && client.algorithm === 'ES256').map(({ name }) => name);

describe('oauth4webapi goes through', () => {
  it.each(withCodes)('authorization, refresh and the bank as %s [FAPI2-SP-FINAL-5.3.3]', async (name) => {
    expect(await run(name, 'refresh')).toMatchObject({ outcome: 'passed' });
  });

  it.each(withCodes)('client credentials as %s [RFC6749-4.4]', async (name) => {
    // There is nothing at the bank for a client by itself: its own tokens are for the authorization server.
    const { steps } = await run(name, 'client-credentials');
    expect(steps.map(({ title }) => title)).toContain('tokens');
  });

  it.each(
    first('fapi2-message-signing').flatMap((name) =>
      (['query.jwt', 'form_post.jwt', 'query'] as const).map((mode) => [mode, name] as const),
    ),
  )('an answer by %s as %s [JARM-2.3]', async (mode, name) => {
    expect(await run(name, 'code', { response_mode: mode })).toMatchObject({ outcome: 'passed' });
  });

  it.each(first('fapi1-advanced'))('an answer by code and ID token as %s [FAPI1-ADV-5.2.2-2]', async (name) => {
    const { response_mode: _, ...file } = fileOf(name);
    expect(await runFlow(loadClient(file, home, name), 'hybrid')).toMatchObject({ outcome: 'passed' });
  });

  it.each(first('fapi1-advanced'))('a signed answer by form post as %s [JARM-2.3.3]', async (name) => {
    expect(await run(name, 'code', { response_mode: 'form_post.jwt' })).toMatchObject({ outcome: 'passed' });
  });

  it.each(first('fapi2-security').concat(first('fapi2-message-signing')))(
    'introspection and revocation as %s [RFC7009-2] [RFC7662-2]',
    async (name) => {
      expect(await run(name, 'introspect')).toMatchObject({ outcome: 'passed' });
      expect(await run(name, 'revoke')).toMatchObject({ outcome: 'passed' });
    },
  );
});

describe('openid-client goes through', () => {
  it.each(withCodes)('authorization, userinfo, the bank and a refresh as %s [FAPI2-SP-FINAL-5.3.3]', async (name) => {
    await using flow = await OpenidClientFlow.of(withoutQuery(fileOf(name)), home);
    const tokens = await flow.authorize();
    expect(tokens.claims()?.sub).toEqual(await flow.subjectOf(tokens));
    expect(await flow.accounts(tokens.access_token)).toBe(200);
    const refreshed = await flow.refresh(tokens.refresh_token ?? '');
    expect(refreshed.refresh_token).toBeUndefined();
    expect(await flow.accounts(refreshed.access_token)).toBe(200);
  });

  it.each(first('fapi1-advanced'))('code and ID token as %s [FAPI1-ADV-5.2.2-2]', async (name) => {
    const { response_mode: _, ...file } = fileOf(name);
    await using flow = await OpenidClientFlow.of(withoutQuery(file), home);
    expect((await flow.authorize('code id_token')).claims()?.sub).toEqual(expect.any(String));
  });

  it.each(withCodes)('client credentials as %s [RFC6749-4.4]', async (name) => {
    await using flow = await OpenidClientFlow.of(withoutQuery(fileOf(name)), home);
    expect((await flow.ownTokens('grant_management_query')).refresh_token).toBeUndefined();
  });

  it.each(clients.filter(({ delivery }) => delivery === 'poll').map(({ name }) => name))(
    'a question on another device as %s [CIBA-CORE-7]',
    async (name) => {
      await using flow = await OpenidClientFlow.of(fileOf(name), home);
      const tokens = await flow.askElsewhere(urls.mtlsIssuer, developer);
      expect(tokens.claims()?.sub).toEqual(await flow.subjectOf(tokens));
    },
  );
});
