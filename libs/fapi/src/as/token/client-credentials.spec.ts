import { beforeEach, describe, expect, it } from 'vitest';
import { claimsOf, engineFixture, expectRefusal, ISSUER, request } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import type { RegisteredClient } from '../clients.ts';
import { exchange } from './exchange.ts';

const OWN: Partial<RegisteredClient> = {
  grantTypes: ['client_credentials'],
  scopes: ['openid', 'grant_management_query', 'grant_management_revoke'],
};
let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture(OWN);
});

const ask = (changes: Readonly<Record<string, string | undefined>> = {}, peer = f.peers.first) =>
  exchange(f.engine, request({ grant_type: 'client_credentials', client_id: 'first', ...changes }, peer));
const refused = (changes: Record<string, string>, code: string, reason: string) =>
  expectRefusal(f, ask(changes), code, reason);

describe('a token for the client itself is refused', () => {
  it('to a client that is not registered for it [RFC6749-5.2]', async () => {
    f = await engineFixture();
    await refused({}, 'unauthorized_client', 'grant_type_not_allowed');
  });

  it('to another client [RFC8705-2.1]', async () => {
    await expectRefusal(f, ask({}, f.peers.second), 'invalid_client', 'certificate_subject_mismatch');
  });

  it('with a scope that only a person can grant [RFC6749-4.4.2]', () =>
    refused({ scope: 'openid' }, 'invalid_scope', 'scope_not_allowed'));

  it('with a scope that is not registered [RFC6749-3.3]', async () => {
    f = await engineFixture({ ...OWN, scopes: ['grant_management_query'] });
    await refused({ scope: 'grant_management_revoke' }, 'invalid_scope', 'scope_not_allowed');
  });

  it('with details, which need somebody who agrees [RFC9396-5]', () =>
    refused(
      { authorization_details: '[{"type":"account_information","actions":["read_balances"]}]' },
      'invalid_authorization_details',
      'authorization_details_type_unsupported',
    ));

  it('when there is nothing it could say [RFC9068-2.2]', async () => {
    f = await engineFixture({ ...OWN, scopes: ['openid'] });
    await refused({}, 'invalid_scope', 'nothing_requested');
  });
});

describe('a token for the client itself', () => {
  it('is about the client, bound to its certificate, and comes without refresh and ID token [RFC6749-4.4.3] [TOK-32] [FAPI2-SP-FINAL-5.3.2.1-4] [TOK-24]', async () => {
    const answer = await ask();
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(claimsOf(answer.access_token)).toMatchObject({
      sub: 'first',
      client_id: 'first',
      aud: [ISSUER],
      scope: 'grant_management_query grant_management_revoke',
      cnf: { 'x5t#S256': f.peers.first.thumbprint },
    });
  });

  it('carries the part of its scopes that was asked for [RFC6749-3.3]', async () => {
    expect((await ask({ scope: 'grant_management_query' })).scope).toBe('grant_management_query');
  });
});
