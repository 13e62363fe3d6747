import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Consented, Question } from '../testing/bank-under-test.ts';
import { BankUnderTest } from '../testing/bank-under-test.ts';
import { KeyHolder } from '../testing/key-holder.ts';
import type { Changes } from '../testing/access-tokens.ts';

describe('a token bound to a key, at the account API', () => {
  let bank: BankUnderTest;
  let consented: Consented;
  let nonce: string;
  const [holder, thief] = [new KeyHolder(), new KeyHolder()];

  beforeAll(async () => {
    bank = await BankUnderTest.open();
    consented = await bank.consent();
    nonce = await nonceOf();
  });
  afterAll(() => bank.close());

  // The honest call works in the same run: otherwise "refused" might only mean "down".
  afterEach(async () => {
    nonce = await nonceOf();
    const token = boundToKey();
    expect((await ask(token, proof(token))).status).toBe(200);
  });

  const keyAlone = () => ({ jkt: holder.jkt });
  const both = () => ({ jkt: holder.jkt, 'x5t#S256': bank.pki.peer('fintech/transport').thumbprint });
  const boundToKey = (claims: Changes = {}) =>
    bank.token({ authorization_details: consented.details, cnf: keyAlone(), ...claims });
  const at = (path: string) => bank.origin + path;
  const proof = (token: string, claims: Changes = {}, by = holder) =>
    by.prove({ token, url: at('/accounts'), nonce }, claims);
  const lastEvent = () => bank.audit().at(-1);

  /** By somebody without a certificate, unless the question says otherwise. */
  function ask(token: string, dpop: string | string[] | undefined, question: Question = {}, path = '/accounts') {
    const headers = { authorization: `DPoP ${token}`, ...(dpop === undefined ? {} : { dpop }), ...question.headers };
    return bank.ask(path, { certificate: null, ...question, headers });
  }

  /** A nonce, as a client that has none gets one. */
  async function nonceOf(): Promise<string> {
    const token = boundToKey();
    const answer = await ask(token, holder.prove({ token, url: at('/accounts') }));
    expect([answer.status, answer.json.error]).toEqual([401, 'use_dpop_nonce']);
    return answer.headers['dpop-nonce'] as string;
  }

  async function refused(asked: Promise<Answer>, code: string, reason: string): Promise<Answer> {
    const answer = await asked;
    expect([answer.status, answer.json.error]).toEqual([401, code]);
    expect(Object.keys(answer.json)).toEqual(['error', 'error_description']);
    expect(lastEvent()).toMatchObject({ action: 'bank.accounts.list', outcome: 'refused', reason, error: code });
    return answer;
  }

  describe('is refused', () => {
    it('without a proof, or with two of them [RFC9449-4.3-1]', async () => {
      const token = boundToKey();
      await refused(ask(token, undefined), 'invalid_dpop_proof', 'dpop_proof_missing');
      const two = [proof(token), proof(token)];
      await refused(ask(token, two), 'invalid_dpop_proof', 'dpop_proof_repeated');
      await refused(ask(token, two.join(', ')), 'invalid_dpop_proof', 'dpop_proof_malformed');
    });

    it('with the proof of a thief, and both keys are written down [RFC9449-7.1]', async () => {
      const token = boundToKey();
      await refused(ask(token, proof(token, {}, thief)), 'invalid_token', 'dpop_key_mismatch');
      expect(lastEvent()).toMatchObject({
        client: 'tidepool',
        evidence: { expectedKeyThumbprint: holder.jkt, presentedKeyThumbprint: thief.jkt },
      });
    });

    it('as a Bearer token, whatever comes with it [RFC9449-7.2]', async () => {
      const token = boundToKey();
      for (const dpop of [undefined, proof(token)]) {
        for (const certificate of [null, 'fintech/transport'] as const) {
          const headers = { authorization: `Bearer ${token}` };
          await refused(ask(token, dpop, { certificate, headers }), 'invalid_token', 'token_scheme_mismatch');
        }
      }
    });

    it.each([
      ['the path of another account', { htu: '/accounts/acc_1' }, 'dpop_url_mismatch'],
      ['another method', { htm: 'POST' }, 'dpop_method_mismatch'],
      ['no token', { ath: undefined }, 'dpop_token_hash_mismatch'],
      ['a moment to come', { iat: Math.floor(Date.now() / 1000) + 50 }, 'dpop_iat_out_of_range'],
      ['a moment long gone', { iat: Math.floor(Date.now() / 1000) - 90 }, 'dpop_iat_out_of_range'],
    ])('with a proof made for %s [RFC9449-4.3]', async (_, changes: Changes, reason) => {
      const token = boundToKey();
      const claims = 'htu' in changes ? { htu: at(String(changes['htu'])) } : changes;
      await refused(ask(token, proof(token, claims)), 'invalid_dpop_proof', reason);
    });

    it('with a proof for another server, even if the Host header says so [RFC9449-4.3-9]', async () => {
      const token = boundToKey();
      const elsewhere = proof(token, { htu: 'https://bank.mallory.test/accounts' });
      const headers = { host: 'bank.mallory.test' };
      await refused(ask(token, elsewhere, { headers }), 'invalid_dpop_proof', 'dpop_url_mismatch');
      expect((await ask(token, proof(token), { headers })).status).toBe(200);
    });

    it('with the proof of a request that was answered: replayed at once, fifty times over, on one connection [RFC9449-11.1]', async () => {
      const token = boundToKey();
      const once = proof(token);
      const agent = new Agent({ ...bank.tls(null), keepAlive: true, maxSockets: 1 });
      expect((await ask(token, once, { agent })).status).toBe(200);
      await refused(ask(token, once, { agent }), 'invalid_dpop_proof', 'dpop_replayed');
      agent.destroy();

      const raced = proof(token);
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(token, raced)));
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 401)]);
    });

    it('with a nonce of long ago, or of another server, and is told the right one [RFC9449-9]', async () => {
      const token = boundToKey();
      for (const wrong of ['A'.repeat(43), `${nonce.slice(0, -1)}_`]) {
        const answer = await refused(ask(token, proof(token, { nonce: wrong })), 'use_dpop_nonce', 'dpop_nonce_wrong');
        expect(answer.headers['www-authenticate']).toMatch(
          /^DPoP error="use_dpop_nonce", error_description="[^"\\]+", algs="ES256 PS256 EdDSA"$/,
        );
        // One header: of two, Node would show both, joined.
        const told = answer.headers['dpop-nonce'] as string;
        expect(told).toMatch(/^[\w-]{43}$/);
        expect((await ask(token, proof(token, { nonce: told }))).status).toBe(200);
      }
    });

    it('when it is revoked, as any other token [FAPI2-SP-FINAL-5.3.4-3]', async () => {
      const jti = randomUUID();
      const token = boundToKey({ jti });
      expect((await ask(token, proof(token))).status).toBe(200);
      bank.authorizationServer.revoke('ACCESS_TOKEN', jti);
      await expect.poll(async () => (await ask(token, proof(token))).status, { timeout: 2_000 }).toBe(401);
      await refused(ask(token, proof(token)), 'invalid_token', 'token_revoked');
    });
  });

  describe('and to a certificate', () => {
    it('is refused unless both are proven [RFC8705-3] [RFC9449-7.1]', async () => {
      const token = boundToKey({ cnf: both() });
      const [missing, wrong] = ['certificate_missing', 'certificate_thumbprint_mismatch'];
      await refused(ask(token, proof(token), { certificate: null }), 'invalid_token', missing);
      await refused(ask(token, proof(token), { certificate: 'lab/second-client' }), 'invalid_token', wrong);
      await refused(
        ask(token, proof(token, {}, thief), { certificate: 'fintech/transport' }),
        'invalid_token',
        'dpop_key_mismatch',
      );
      const right = await ask(token, proof(token), { certificate: 'fintech/transport' });
      expect(right.status).toBe(200);
    });

    it('is not let in by a certificate without its key, as DPoP or as Bearer [RFC9449-7.2]', async () => {
      const token = boundToKey({ cnf: both() });
      const certificate = 'fintech/transport' as const;
      await refused(ask(token, undefined, { certificate }), 'invalid_dpop_proof', 'dpop_proof_missing');
      await refused(bank.ask('/accounts', { token, certificate }), 'invalid_token', 'token_scheme_mismatch');
    });
  });

  describe('leaves tokens bound to a certificate as they were', () => {
    const boundToCertificate = () => bank.token({ authorization_details: consented.details });

    it('refuses them as DPoP, and with a proof beside them [RFC9449-7.1]', async () => {
      const token = boundToCertificate();
      const certificate = 'fintech/transport' as const;
      const dpop = proof(token);
      await refused(ask(token, dpop, { certificate }), 'invalid_token', 'token_scheme_mismatch');
      const answer = await bank.ask('/accounts', { token, headers: { dpop } });
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
      expect(lastEvent()).toMatchObject({ reason: 'dpop_proof_unexpected' });
    });

    it('answers them without a word of nonces', async () => {
      const answer = await bank.ask('/accounts', { token: boundToCertificate() });
      expect([answer.status, answer.headers['dpop-nonce']]).toEqual([200, undefined]);
    });
  });

  it('is let in with its proof, without a certificate or beside any, and is told the next nonce [RFC9449-8.2]', async () => {
    for (const certificate of [null, 'lab/second-client', 'lab/expired'] as const) {
      const token = boundToKey();
      const answer = await ask(token, proof(token), { certificate });
      expect([answer.status, answer.json.accounts.length]).toEqual([200, consented.accountIds.length]);
      expect(answer.headers['dpop-nonce']).toMatch(/^[\w-]{43}$/);
      expect(lastEvent()).toMatchObject({ outcome: 'allowed', evidence: { presentedKeyThumbprint: holder.jkt } });
    }
  });

  it('needs a proof for each path it reads; the query is not part of it [RFC9449-4.3-9]', async () => {
    const token = boundToKey();
    const path = `/accounts/${consented.accountIds[0]!}/transactions`;
    const made = holder.prove({ token, url: at(path), nonce });
    expect((await ask(token, made, {}, `${path}?limit=1`)).status).toBe(200);
    const stranger = holder.prove({ token, url: at('/accounts/acc_none'), nonce });
    const absent = await ask(token, stranger, {}, '/accounts/acc_none');
    expect([absent.status, absent.headers['dpop-nonce']]).toEqual([404, expect.stringMatching(/^[\w-]{43}$/)]);
  });

  it('leaves no token, no proof and no key in log or audit trail', () => {
    const written = bank.log.join('') + JSON.stringify(bank.audit());
    expect(written).not.toMatch(/eyJ[\w-]{10,}/);
    expect(written).not.toContain(nonce);
  });
});
