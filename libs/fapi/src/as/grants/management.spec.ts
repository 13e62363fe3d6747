import { beforeEach, describe, expect, it } from 'vitest';
import { DpopProver } from '../../testing/dpop-prover.ts';
import type { ResourceRequest } from '../../rs/verify-request.ts';
import {
  BANK,
  claimsOf,
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  redeem,
  refresh,
  authorize,
  request,
  tokens,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import type { RegisteredClient } from '../clients.ts';
import { exchange } from '../token/exchange.ts';
import type { TokenResponse } from '../token/token-response.ts';
import { queryGrant, revokeGrantByClient } from './management.ts';

const SCOPES = ['grant_management_query', 'grant_management_revoke'];
const REGISTERED: Partial<RegisteredClient> = {
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopes: ['openid', 'profile', ...SCOPES],
};

let f: EngineFixture;
let alices: TokenResponse;
let grantId: string;
beforeEach(async () => {
  f = await engineFixture(REGISTERED);
  const second = f.clients.get('second');
  if (second !== undefined) f.clients.set('second', { ...second, ...REGISTERED });
  alices = await tokens(f);
  grantId = alices.grant_id ?? '';
});

/** A token that a client got in its own name, bound to its certificate. RFC6749-4.4. */
async function ownToken(client: 'first' | 'second', scope: string): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: client, scope };
  return (await exchange(f.engine, request(form, f.peers[client]))).access_token;
}

const asking = (token: string, changes: Partial<ResourceRequest> = {}): ResourceRequest => ({
  authorization: [`Bearer ${token}`],
  dpop: [],
  method: 'GET',
  url: `/grant-management/${grantId}`,
  peer: f.peers.first,
  ...changes,
});

const verbs = [
  { name: 'a query', verb: queryGrant, scope: 'grant_management_query', other: 'grant_management_revoke' },
  {
    name: 'a revocation',
    verb: revokeGrantByClient,
    scope: 'grant_management_revoke',
    other: 'grant_management_query',
  },
] as const;

describe.each(verbs)('$name is refused', ({ verb, scope, other }) => {
  const refused = async (decision: Promise<unknown>, code: string, reason: string) => {
    const error = await expectRefusal(f, decision, code, reason);
    expect(f.state.revocations.size).toBe(0);
    expectNoSecrets(f, [alices.access_token, alices.refresh_token]);
    return error;
  };

  it('without a token [GM-6.6]', async () => {
    const error = await refused(
      verb(f.engine, asking('', { authorization: [] }), grantId),
      'invalid_token',
      'token_missing',
    );
    expect(error.status).toBe(401);
  });

  it('without a certificate, and with another than the token was issued to [RFC8705-3]', async () => {
    const token = await ownToken('first', scope);
    await refused(verb(f.engine, asking(token, { peer: undefined }), grantId), 'invalid_token', 'certificate_missing');
    const stolen = verb(f.engine, asking(token, { peer: f.peers.second }), grantId);
    await refused(stolen, 'invalid_token', 'certificate_thumbprint_mismatch');
  });

  it('with a token that is bound to a key, when the proof is missing or made for another grant [RFC9449-4.3]', async () => {
    const prover = new DpopProver();
    const claims = claimsOf(await ownToken('first', scope));
    const cnf = { jkt: await prover.thumbprint() };
    const token = await f.engine.keys.sign('ES256', 'at+jwt', { ...claims, cnf });
    const proof = (grant: string) =>
      prover.prove({
        method: 'GET',
        url: `https://mtls.auth.test/grant-management/${grant}`,
        now: f.clock.now(),
        accessToken: token,
        nonce: f.engine.dpopNonces.issue(f.clock.now()),
      });
    const bound = (...dpop: string[]) =>
      verb(f.engine, asking(token, { authorization: [`DPoP ${token}`], dpop, peer: undefined }), grantId);
    await refused(bound(), 'invalid_dpop_proof', 'dpop_proof_missing');
    await refused(bound(proof('another')), 'invalid_dpop_proof', 'dpop_url_mismatch');
    await bound(proof(grantId));
    expect(f.events.at(-1)).toMatchObject({ outcome: 'allowed', client: 'first', grant: grantId });
  });

  it('with a token for the bank [RFC9068-4]', async () => {
    const claims = claimsOf(await ownToken('first', scope));
    const token = await f.engine.keys.sign('ES256', 'at+jwt', { ...claims, aud: BANK });
    await refused(verb(f.engine, asking(token), grantId), 'invalid_token', 'token_audience_wrong');
  });

  it('with a token that was revoked [FAPI2-SP-FINAL-5.3.4-3]', async () => {
    const token = await ownToken('first', scope);
    const { jti = '' } = claimsOf(token);
    await f.state.revokeAccessToken(jti, f.clock.now(), new Date(f.clock.now().getTime() + 300_000));
    await expectRefusal(f, verb(f.engine, asking(token), grantId), 'invalid_token', 'token_revoked');
    expect(f.state.grants.get(grantId)?.revokedAt).toBeUndefined();
  });

  it('with the token of the grant itself, which was granted for something else [GM-6.1]', async () => {
    const error = await refused(
      verb(f.engine, asking(alices.access_token), grantId),
      'insufficient_scope',
      'permission_missing',
    );
    expect(error.status).toBe(403);
  });

  it('with the scope of the other action [GM-6.1]', async () => {
    const token = await ownToken('first', other);
    await refused(verb(f.engine, asking(token), grantId), 'insufficient_scope', 'permission_missing');
  });

  it('for the grant of another client, one that has ended and one that never was, all alike [GM-6.6]', async () => {
    const foreign = asking(await ownToken('second', scope), { peer: f.peers.second });
    const answers = [
      await refused(verb(f.engine, foreign, grantId), 'not_found', 'object_not_found'),
      await refused(verb(f.engine, asking(await ownToken('first', scope)), 'nobody'), 'not_found', 'object_not_found'),
    ];
    f.clock.advance(91 * 24 * 3600);
    f.peers.first = f.pki.peer(
      f.pki.mint({ subject: 'CN=first', dnsNames: ['first.test'], notBefore: f.clock.now(), notAfter: later(1) }),
    );
    const late = verb(f.engine, asking(await ownToken('first', scope)), grantId);
    answers.push(await refused(late, 'not_found', 'object_not_found'));
    expect(new Set(answers.map((answer) => JSON.stringify([answer.status, answer]))).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
  });

  it('for what a client may do in its own name, which nobody granted [GM-6.6]', async () => {
    const token = await ownToken('first', scope);
    const own = verb(f.engine, asking(token), String(claimsOf(token)['grant_id']));
    await refused(own, 'not_found', 'object_not_found');
  });

  it('for a grant that was revoked [GM-6.6]', async () => {
    await revokeGrantByClient(f.engine, asking(await ownToken('first', 'grant_management_revoke')), grantId);
    const again = verb(f.engine, asking(await ownToken('first', scope)), grantId);
    await expectRefusal(f, again, 'not_found', 'object_not_found');
    expect(f.state.revocations.size).toBe(1);
  });
});

const later = (hours: number) => new Date(f.clock.now().getTime() + hours * 3600_000);

describe('a client that manages its grants', () => {
  it('gets the grant id with its tokens, at the code and at a refresh [GM-5.5]', async () => {
    expect(grantId).toBe(claimsOf(alices.access_token)['grant_id']);
    const refreshed = await refresh(f, alices.refresh_token);
    expect(refreshed.grant_id).toBe(grantId);
    expect((await redeem(f, (await authorize(f)).code)).grant_id).not.toBe(grantId);
  });

  it('sees what a grant permits and until when, and no token of it [GM-6.4]', async () => {
    const status = await queryGrant(f.engine, asking(await ownToken('first', 'grant_management_query')), grantId);
    expect(status).toEqual({
      scopes: [{ scope: 'openid profile' }],
      authorization_details: [
        {
          type: 'account_information',
          actions: ['list_accounts', 'read_balances'],
          locations: [BANK],
          accounts: ['acc-1'],
          consent_id: 'consent-1',
          expires_at: 1780315200 + 90 * 24 * 3600,
        },
      ],
      created_at: 1780315200,
      expires_at: 1780315200 + 90 * 24 * 3600,
    });
    expect(f.events.at(-1)).toMatchObject({ action: 'grant_management.query', outcome: 'allowed', grant: grantId });
  });

  it('ends a grant with its refresh token and its access tokens [GM-6.5]', async () => {
    await revokeGrantByClient(f.engine, asking(await ownToken('first', 'grant_management_revoke')), grantId);
    expect(f.events.slice(-2)).toMatchObject([
      { action: 'grant.revoke', reason: 'revoked_by_client', grant: grantId },
      { action: 'grant_management.revoke', outcome: 'allowed', grant: grantId, client: 'first' },
    ]);
    await expectRefusal(f, refresh(f, alices.refresh_token), 'invalid_grant', 'grant_revoked');
    expect(await f.state.isRevoked(String(claimsOf(alices.access_token).jti), grantId)).toBe(true);
    expect(await f.state.grantsWithOpenConsent(9)).toEqual([{ grantId, consentId: 'consent-1' }]);
  });
});
