import { beforeEach, describe, expect, it } from 'vitest';
import type { OAuthError } from '../../errors.ts';
import { agree, ask, asked, cibaFixture, CIBA_GRANT, DETAILS, poll } from '../../testing/ciba-client.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import {
  ALICE,
  BANK,
  claimsOf,
  expectNoSecrets,
  expectRefusal,
  ISSUER,
  request,
} from '../../testing/engine-fixture.ts';
import { exchange } from '../token/exchange.ts';
import { revokeGrant } from '../token/grants.ts';
import { denyRequest } from './approval.ts';

let f: EngineFixture;
let authReqId: string;
beforeEach(async () => {
  f = await cibaFixture();
  authReqId = (await ask(f)).auth_req_id;
});

async function refused(decision: Promise<unknown>, code: string, reason: string): Promise<void> {
  const error = await expectRefusal(f, decision, code, reason);
  expect([error.show, error.status]).toEqual(['json', 400]);
  expect(f.state.refreshTokens.size).toBe(0);
}

describe('the token endpoint refuses an auth_req_id', () => {
  it('that was never given out [CIBA-CORE-11] ', async () => {
    await refused(poll(f, 'guessed'), 'invalid_grant', 'auth_req_id_unknown');
  });

  it('that is missing [CIBA-CORE-10.1]', async () => {
    await refused(poll(f, undefined), 'invalid_request', 'parameter_missing');
  });

  it("of another client, and leaves it to its owner's use [CIBA-CORE-10.1] [CIBA-07]", async () => {
    f.clients.set('second', { ...f.clients.get('second')!, profile: 'fapi-ciba', grantTypes: [CIBA_GRANT] });
    await agree(f, authReqId);
    const asSecond = { grant_type: CIBA_GRANT, client_id: 'second', auth_req_id: authReqId };
    await refused(exchange(f.engine, request(asSecond, f.peers.second)), 'invalid_grant', 'auth_req_id_foreign');
    await expect(poll(f, authReqId)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('from a client that is not registered for the grant type [CIBA-CORE-11]', async () => {
    await agree(f, authReqId);
    f.clients.set('first', { ...f.clients.get('first')!, grantTypes: ['refresh_token'] });
    await refused(poll(f, authReqId), 'unauthorized_client', 'grant_type_not_allowed');
  });

  it('without the certificate the token would be bound to [RFC8705-3]', async () => {
    await agree(f, authReqId);
    const form = { grant_type: CIBA_GRANT, client_id: 'first', auth_req_id: authReqId };
    await expectRefusal(f, exchange(f.engine, request(form, undefined)), 'invalid_client', 'certificate_missing');
    await expect(poll(f, authReqId)).resolves.toBeDefined();
  });

  it('whose person has not decided: pending, then slow_down for who cannot wait [CIBA-CORE-11] [CIBA-08] [CIBA-09]', async () => {
    await refused(poll(f, authReqId), 'authorization_pending', 'person_undecided');
    f.clock.advance(5);
    await refused(poll(f, authReqId), 'authorization_pending', 'person_undecided');
    f.clock.advance(2);
    await refused(poll(f, authReqId), 'slow_down', 'polled_too_soon');
    f.clock.advance(5);
    await refused(poll(f, authReqId), 'slow_down', 'polled_too_soon');
    f.clock.advance(15);
    await refused(poll(f, authReqId), 'authorization_pending', 'person_undecided');
  });

  it('whose person denied it, with 400 as this endpoint does [CIBA-CORE-11] [CIBA-11]', async () => {
    await denyRequest(f.engine, ALICE, await asked(f, authReqId));
    await refused(poll(f, authReqId), 'access_denied', 'consent_denied');
    await refused(poll(f, authReqId), 'access_denied', 'consent_denied');
  });

  it('whose time is over, whether anybody had agreed or not [CIBA-CORE-11] [CIBA-10]', async () => {
    const approved = (await ask(f)).auth_req_id;
    await agree(f, approved);
    f.clock.advance(300);
    await refused(poll(f, authReqId), 'expired_token', 'auth_req_id_expired');
    await refused(poll(f, approved), 'expired_token', 'auth_req_id_expired');
  });

  it('whose grant was withdrawn before it was fetched', async () => {
    await agree(f, authReqId);
    await revokeGrant(f.engine, [...f.state.grants.keys()][0]!, 'withdrawn');
    await refused(poll(f, authReqId), 'invalid_grant', 'grant_revoked');
  });

  it('for more than was granted [RFC9396-6]', async () => {
    await agree(f, authReqId);
    const more = JSON.stringify([{ type: 'account_information', actions: ['read_transactions'] }]);
    await refused(
      poll(f, authReqId, { authorization_details: more }),
      'invalid_authorization_details',
      'authorization_details_widened',
    );
    await expect(poll(f, authReqId)).resolves.toBeDefined();
  });

  it('that was used, and lets what it brought live: only its client can have used it [CIBA-CORE-11]', async () => {
    await agree(f, authReqId);
    const { refresh_token: refreshToken } = await poll(f, authReqId);
    await expectRefusal(f, poll(f, authReqId), 'invalid_grant', 'auth_req_id_used');
    f.clock.advance(300);
    await expectRefusal(f, poll(f, authReqId), 'invalid_grant', 'auth_req_id_used');
    const form = { grant_type: 'refresh_token', client_id: 'first', refresh_token: refreshToken };
    await expect(exchange(f.engine, request(form, f.peers.first))).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('forty-nine times of fifty at the same instant [CIBA-CORE-11]', async () => {
    await agree(f, authReqId);
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => poll(f, authReqId)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as OAuthError] : []));
    expect(lost.map(({ code }) => code)).toEqual(Array.from({ length: 49 }, () => 'invalid_grant'));
    expect(f.state.refreshTokens.size).toBe(1);
  });
});

describe('an auth_req_id whose person agreed', () => {
  it('brings a token bound to the certificate, a refresh token and an ID token [CIBA-CORE-10.1.1] [FAPI-CIBA-5.2.2-4] [CIBA-14]', async () => {
    await agree(f, authReqId);
    const response = await poll(f, authReqId);
    expect(response).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'openid profile' });
    expect(response.authorization_details).toEqual([
      {
        ...DETAILS[0],
        accounts: ['acc-1'],
        consent_id: 'consent-1',
        expires_at: Date.parse('2026-08-30T12:00:00Z') / 1000,
      },
    ]);
    expect(claimsOf(response.access_token)).toMatchObject({
      iss: ISSUER,
      sub: 'alice',
      client_id: 'first',
      aud: [BANK, ISSUER],
      cnf: { 'x5t#S256': f.peers.first.thumbprint },
    });
    expect(f.state.refreshTokens.get(response.refresh_token ?? '')?.grantId).toBe([...f.state.grants.keys()][0]);
  });

  it('is told at once, however soon after the last question: a ping says "come now" [CIBA-CORE-10.2]', async () => {
    await refused(poll(f, authReqId), 'authorization_pending', 'person_undecided');
    await agree(f, authReqId);
    await expect(poll(f, authReqId)).resolves.toBeDefined();
  });

  it('brings no refresh token to a client that is not registered for one', async () => {
    f.clients.set('first', { ...f.clients.get('first')!, grantTypes: [CIBA_GRANT] });
    await agree(f, authReqId);
    expect(await poll(f, authReqId)).not.toHaveProperty('refresh_token');
  });

  it('brings an ID token with nothing in it that nobody asked for [CIBA-CORE-10.3.1]', async () => {
    await agree(f, authReqId);
    const { iat, exp, ...claims } = claimsOf((await poll(f, authReqId)).id_token);
    expect(claims).toEqual({ iss: ISSUER, sub: 'alice', aud: 'first' });
    expect(Number(exp) - Number(iat)).toBe(300);
  });

  it('brings acr when acr_values asked for it [FAPI-CIBA-5.2.2-8]', async () => {
    const asking = (await ask(f, { acr_values: 'urn:other urn:holdfast:acr:password' })).auth_req_id;
    await agree(f, asking);
    expect(claimsOf((await poll(f, asking)).id_token)).toMatchObject({ acr: 'urn:holdfast:acr:password' });
  });

  it('leaves audit events that tell the grant apart and hold no secret', async () => {
    await agree(f, authReqId);
    const response = await poll(f, authReqId);
    expect(f.events.at(-1)).toMatchObject({
      action: `token.${CIBA_GRANT}`,
      outcome: 'allowed',
      client: 'first',
      subject: 'alice',
      grant: [...f.state.grants.keys()][0],
    });
    expectNoSecrets(f, [authReqId, response.access_token, response.refresh_token, response.id_token]);
  });
});
