import { beforeEach, describe, expect, it } from 'vitest';
import { assertion, byAssertion, clientSigner } from '../../testing/client-signer.ts';
import { DpopProver } from '../../testing/dpop-prover.ts';
import type { Changes } from '../../testing/dpop-prover.ts';
import {
  authorize,
  claimsOf,
  engineFixture,
  expectRefusal,
  GOOD_REQUEST,
  ISSUER,
  request,
  VERIFIER,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { CLIENT_ASSERTION_TYPE } from '../../wire/client-assertion.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest } from '../engine.ts';
import { pushAuthorizationRequest } from '../par/push.ts';
import { exchange } from './exchange.ts';

const signer = clientSigner('ES256');
const prover = new DpopProver();
const thief = new DpopProver();
const TOKEN = `${ISSUER}/token`;
const PAR = `${ISSUER}/par`;

let f: EngineFixture;
async function given(changes: Partial<RegisteredClient>): Promise<void> {
  f = await engineFixture({
    ...changes,
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    scopes: ['openid', 'profile', 'grant_management_query'],
  });
}

const proof = (url: string, by = prover, claims: Changes = {}): string =>
  by.prove({ method: 'POST', url, now: f.clock.now(), nonce: f.engine.dpopNonces.issue(f.clock.now()) }, claims);
const own = (changes: Partial<EndpointRequest> = {}): Promise<{ token_type: string; access_token: string }> =>
  exchange(f.engine, {
    ...request({ grant_type: 'client_credentials', client_id: 'first' }, f.peers.first),
    ...changes,
  });

describe('a token is refused', () => {
  it('to a client of mutual TLS that authenticates by assertion and shows no certificate [FAPI2-SP-FINAL-5.3.2.1-4] [TOK-22]', async () => {
    await given(byAssertion(signer));
    const form = {
      grant_type: 'client_credentials',
      client_assertion: await assertion(f, signer),
      client_assertion_type: CLIENT_ASSERTION_TYPE,
    };
    await expectRefusal(
      f,
      exchange(f.engine, request(form, undefined)),
      'invalid_request',
      'sender_constraint_missing',
    );
  });

  it('to such a client whose certificate comes from nowhere [RFC8705-7.4]', async () => {
    await given(byAssertion(signer));
    const rogue = f.pki.peer(f.pki.mint({ issuer: f.pki.rogue().intermediate }), 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
    const form = {
      grant_type: 'client_credentials',
      client_assertion: await assertion(f, signer),
      client_assertion_type: CLIENT_ASSERTION_TYPE,
    };
    await expectRefusal(f, exchange(f.engine, request(form, rogue)), 'invalid_client', 'certificate_untrusted');
  });

  it('to a client of DPoP without a proof [FAPI2-SP-FINAL-5.3.2.1-4] [TOK-22]', async () => {
    await given({ senderConstraints: ['dpop'] });
    await expectRefusal(f, own(), 'invalid_request', 'sender_constraint_missing');
  });

  it('to a client of both that brings one of them [FAPI2-SP-FINAL-5.3.2.1-4]', async () => {
    await given({ senderConstraints: ['mtls', 'dpop'] });
    await expectRefusal(f, own(), 'invalid_request', 'sender_constraint_missing');
  });

  it('to a client of mutual TLS that brings a proof: it believes in another binding [RFC9449-5]', async () => {
    await given({});
    await expectRefusal(f, own({ dpop: [proof(TOKEN)] }), 'invalid_dpop_proof', 'dpop_not_registered');
  });

  it('without a nonce, and the refusal brings it [RFC9449-8] [TOK-39]', async () => {
    await given({ senderConstraints: ['dpop'] });
    const refusal = await expectRefusal(
      f,
      own({ dpop: [proof(TOKEN, prover, { nonce: undefined })] }),
      'use_dpop_nonce',
      'dpop_nonce_missing',
    );
    expect(refusal.status).toBe(400);
    expect(f.engine.dpopNonces.accepts(refusal.dpopNonce ?? '', f.clock.now())).toBe(true);
  });

  it.each<[string, () => string, string]>([
    ['for the PAR endpoint', () => proof(PAR), 'dpop_url_mismatch'],
    ['for another server', () => proof('https://evil.test/token'), 'dpop_url_mismatch'],
    ['for GET', () => proof(TOKEN, prover, { htm: 'GET' }), 'dpop_method_mismatch'],
  ])('for a proof made %s [RFC9449-4.3]', async (_, made, reason) => {
    await given({ senderConstraints: ['dpop'] });
    await expectRefusal(f, own({ dpop: [made()] }), 'invalid_dpop_proof', reason);
  });

  it('for a proof that was used before [RFC9449-11.1] [TOK-40]', async () => {
    await given({ senderConstraints: ['dpop'] });
    const once = proof(TOKEN);
    await own({ dpop: [once] });
    await expectRefusal(f, own({ dpop: [once] }), 'invalid_dpop_proof', 'dpop_replayed');
  });
});

describe('a token', () => {
  it('is bound to the key of the proof, under either name of the endpoint [RFC9449-5] [TOK-26]', async () => {
    await given({ senderConstraints: ['dpop'] });
    for (const url of [TOKEN, 'https://mtls.auth.test/token']) {
      const { token_type: type, access_token: token } = await own({ dpop: [proof(url)] });
      expect([type, claimsOf(token)['cnf']]).toEqual(['DPoP', { jkt: await prover.thumbprint() }]);
    }
  });

  it('is bound to certificate and key when the client is registered for both [RFC9449-5.2]', async () => {
    await given({ senderConstraints: ['mtls', 'dpop'] });
    const { access_token: token } = await own({ dpop: [proof(TOKEN)] });
    expect(claimsOf(token)['cnf']).toEqual({
      'x5t#S256': f.peers.first.thumbprint,
      jkt: await prover.thumbprint(),
    });
  });

  it('of a client with an assertion is bound to whatever sound certificate it shows, its own making included [RFC8705-6.2]', async () => {
    await given(byAssertion(signer));
    for (const peer of [f.peers.second, f.pki.peer(f.pki.selfSigned(), 'DEPTH_ZERO_SELF_SIGNED_CERT')]) {
      const form = {
        grant_type: 'client_credentials',
        client_assertion: await assertion(f, signer),
        client_assertion_type: CLIENT_ASSERTION_TYPE,
      };
      const { access_token: token } = await exchange(f.engine, request(form, peer));
      expect(claimsOf(token)['cnf']).toEqual({ 'x5t#S256': peer.thumbprint });
    }
  });
});

describe('a code that is bound to a DPoP key', () => {
  beforeEach(() => given({ senderConstraints: ['dpop'] }));
  const push = (form: Record<string, string>, dpop: readonly string[] = []) =>
    pushAuthorizationRequest(f.engine, { ...request({ ...GOOD_REQUEST, ...form }, f.peers.first), dpop });
  const redeem = (code: string, by: DpopProver) =>
    exchange(f.engine, {
      ...request(
        {
          grant_type: 'authorization_code',
          client_id: 'first',
          code,
          redirect_uri: 'https://first.test/callback',
          code_verifier: VERIFIER,
        },
        f.peers.first,
      ),
      dpop: [proof(TOKEN, by)],
    });

  it('is not asked for with two different keys [RFC9449-10.1] [PAR-30]', async () => {
    const jkt = await thief.thumbprint();
    await expectRefusal(f, push({ dpop_jkt: jkt }, [proof(PAR)]), 'invalid_request', 'dpop_jkt_mismatch');
    expect(f.state.pushedRequests.size).toBe(0);
  });

  it.each(['x', 'x'.repeat(44), `${'x'.repeat(42)}=`])(
    'is not asked for with the thumbprint %s [RFC7638-3]',
    async (jkt) => {
      await expectRefusal(f, push({ dpop_jkt: jkt }), 'invalid_request', 'parameter_malformed');
    },
  );

  it('is not asked for by a client that does not use DPoP [RFC9449-10]', async () => {
    await given({});
    await expectRefusal(f, push({ dpop_jkt: 'x'.repeat(43) }), 'invalid_request', 'dpop_not_registered');
  });

  it('is not asked for with a faulty proof [RFC9449-10.1]', async () => {
    await expectRefusal(f, push({}, [proof(TOKEN)]), 'invalid_dpop_proof', 'dpop_url_mismatch');
    expect(f.state.pushedRequests.size).toBe(0);
  });

  it('is not redeemed with another key, and stays good for its owner [RFC9449-10] [PAR-28]', async () => {
    const { code } = await authorize(f, { dpop_jkt: await prover.thumbprint() });
    await expectRefusal(f, redeem(code, thief), 'invalid_grant', 'code_key_mismatch');
    await expect(redeem(code, prover)).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it('may be named and proven at once [RFC9449-10.1]', async () => {
    await push({ dpop_jkt: await prover.thumbprint() }, [proof(PAR)]);
    expect([...f.state.pushedRequests.values()][0]?.value.dpopJkt).toBe(await prover.thumbprint());
  });

  it('is bound by the proof alone, too [FAPI2-SP-FINAL-5.3.2.1-12] [RFC9449-10.1] [PAR-29]', async () => {
    await push({}, [proof(PAR)]);
    expect([...f.state.pushedRequests.values()][0]?.value.dpopJkt).toBe(await prover.thumbprint());
  });
});
