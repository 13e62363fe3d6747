import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import type { LeafName } from '@holdfast/mtls/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unsigned } from '../testing/access-tokens.ts';
import type { Answer, Consented, Question } from '../testing/bank-under-test.ts';
import { BankUnderTest } from '../testing/bank-under-test.ts';

describe('the gate of the account API', () => {
  let bank: BankUnderTest;
  let consented: Consented;

  beforeAll(async () => {
    bank = await BankUnderTest.open();
    consented = await bank.consent();
  });
  afterAll(() => bank.close());

  // The honest call works in the same run: otherwise "refused" might only mean "down".
  afterEach(async () => {
    expect((await bank.ask('/accounts', { token: honest() })).status).toBe(200);
  });

  const details = () => ({ authorization_details: consented.details });
  const honest = (claims: Record<string, unknown> = {}) => bank.token({ ...details(), ...claims });
  const boundTo = (leaf: LeafName | ReturnType<BankUnderTest['pki']['leaf']>) => bank.token(details(), leaf);
  const lastEvent = () => bank.audit().at(-1);

  async function refused(question: Question, reason: string, path = '/accounts'): Promise<Answer> {
    const answer = await bank.ask(path, question);
    expect([answer.status, answer.json.error]).toEqual([401, 'invalid_token']);
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer error="invalid_token", error_description="[^"\\]+", DPoP error="invalid_token", .+, algs="ES256 PS256 EdDSA"$/,
    );
    expect(Object.keys(answer.json)).toEqual(['error', 'error_description']);
    expect(lastEvent()).toMatchObject({ action: 'bank.accounts.list', outcome: 'refused', reason });
    return answer;
  }

  describe('refuses what is not bound to the connection', () => {
    it('a token without a certificate [RFC8705-3]', async () => {
      await refused({ token: honest(), certificate: null }, 'certificate_missing');
    });

    it("a token with another participant's certificate, and writes both thumbprints [RFC8705-3.1] [RS-14]", async () => {
      await refused({ token: honest(), certificate: 'lab/second-client' }, 'certificate_thumbprint_mismatch');
      expect(lastEvent()).toMatchObject({
        client: 'tidepool',
        subject: 'cus-alice-7302',
        presentedThumbprint: bank.pki.peer('lab/second-client').thumbprint,
        expectedThumbprint: bank.pki.peer('fintech/transport').thumbprint,
      });
    });

    it('a token with a lookalike of the same subject and authority [RFC8705-3.1] [RS-14]', async () => {
      await refused(
        { token: boundTo('lab/first-client'), certificate: 'lab/lookalike' },
        'certificate_thumbprint_mismatch',
      );
    });

    it('a token after the certificate was renewed, with the same key or a new one [RFC8705-6.3]', async () => {
      const { key } = bank.pki.leaf('fintech/transport');
      const subject = 'CN=tidepool,O=Tidepool';
      for (const renewed of [bank.pki.mint({ subject, key }), bank.pki.mint({ subject })]) {
        await refused({ token: honest(), certificate: renewed }, 'certificate_thumbprint_mismatch');
        expect((await bank.ask('/accounts', { token: boundTo(renewed), certificate: renewed })).status).toBe(200);
      }
    });

    it.each([
      ['a self-made authority of the same name', () => bank.pki.rogue().intermediate, 'certificate_untrusted'],
      ['a leaf in the role of authority', () => bank.pki.asIssuer(bank.pki.leaf('lab/first-client')), 'issued_by_leaf'],
      ["the services' authority", () => bank.pki.services.intermediate, 'issued_for_another_door'],
      // Its intermediate is made for servers alone, and that is found first.
      ["the web's authority", () => bank.pki.web.intermediate, 'certificate_wrong_purpose'],
    ])('a token bound to a certificate of %s', async (_, issuer, reason) => {
      const certificate = bank.pki.mint({ issuer: issuer(), subject: 'CN=tidepool,O=Tidepool' });
      await refused({ token: boundTo(certificate), certificate }, reason);
    });

    it.each<[LeafName, string]>([
      ['lab/expired', 'certificate_expired'],
      ['lab/wrong-eku', 'certificate_wrong_purpose'],
      ['lab/no-eku', 'certificate_wrong_purpose'],
    ])('a token bound to the certificate %s, on which it is presented', async (certificate, reason) => {
      await refused({ token: boundTo(certificate), certificate }, reason);
    });

    it.each([
      'client-cert',
      'client-cert-chain',
      'x-forwarded-client-cert',
      'x-ssl-client-cert',
      'ssl-client-cert',
      'x-client-cert',
      'x-forwarded-tls-client-cert',
    ])("a token whose owner's public certificate is pasted into %s [RFC9440-4]", async (name) => {
      const { certificatePem, certificate } = bank.pki.leaf('fintech/transport');
      const spellings = [
        encodeURIComponent(certificatePem),
        `:${certificate.raw.toString('base64')}:`,
        `Cert="${encodeURIComponent(certificatePem)}"`,
      ];
      for (const value of spellings) {
        const headers = { [name]: [value, value] };
        await refused({ token: honest(), certificate: null, headers }, 'certificate_missing');
        const thief = { token: honest(), certificate: 'lab/second-client', headers } as const;
        await refused(thief, 'certificate_thumbprint_mismatch');
      }
    });

    it.each([
      ['none', undefined],
      ['null', null],
      ['an empty one', {}],
      ['an unpadded lookalike with padding', { 'x5t#S256': 'A'.repeat(43) + '=' }],
      ['a key that is named instead of proven', { kid: 'A'.repeat(43) }],
      ['a list', ['x5t#S256']],
    ])('a token with %s as its confirmation [FAPI2-SP-FINAL-5.3.4-5] [RS-13]', async (_, cnf) => {
      await refused({ token: honest({ cnf }) }, 'token_unconfirmed');
    });
  });

  describe('refuses what the issuer did not say', () => {
    const now = () => Math.floor(Date.now() / 1000);

    it.each<[string, () => Record<string, unknown>, string]>([
      ['of another issuer [RS-09]', () => ({ iss: 'https://auth.example' }), 'token_issuer_wrong'],
      ['for another audience [RS-10]', () => ({ aud: 'https://other.bank.localhost' }), 'token_audience_wrong'],
      ['without an audience', () => ({ aud: undefined }), 'token_claims_missing'],
      ['that has expired [RS-11]', () => ({ exp: now() - 1 }), 'token_expired'],
      ['without expiry', () => ({ exp: undefined }), 'token_claims_missing'],
      ['issued in the future [RS-11]', () => ({ iat: now() + 60 }), 'token_not_yet_valid'],
      ['not valid yet', () => ({ nbf: now() + 60 }), 'token_not_yet_valid'],
      ['without an id', () => ({ jti: undefined }), 'token_claims_missing'],
      ['without a grant', () => ({ grant_id: undefined }), 'token_claims_missing'],
      ['without a client', () => ({ client_id: undefined }), 'token_claims_missing'],
      ['without a subject', () => ({ sub: '' }), 'token_claims_missing'],
    ])('a token %s [RFC9068-4]', async (_, claims, reason) => {
      await refused({ token: honest(claims()) }, reason);
    });

    it.each<[string, Record<string, unknown>, string]>([
      ['an ordinary JWT', { typ: 'JWT' }, 'token_type_wrong'],
      ['a JWT of no type', { typ: undefined }, 'token_type_wrong'],
      ['an unknown key', { kid: 'made-up' }, 'token_signature_invalid'],
      ['no key named', { kid: undefined }, 'token_signature_invalid'],
      ['another algorithm named', { alg: 'RS256' }, 'token_algorithm_not_allowed'],
      ['an algorithm for symmetric keys named', { alg: 'HS256' }, 'token_algorithm_not_allowed'],
      ['a critical extension', { crit: ['b64'], b64: false }, 'token_malformed'],
    ])('a token whose header has %s [RFC9068-2.1] [RS-08]', async (_, header, reason) => {
      const { forge } = bank.authorizationServer;
      const claims = forge.claims(bank.pki.peer('fintech/transport').thumbprint, details());
      await refused({ token: forge.sign(claims, header) }, reason);
    });

    it('a token signed with a key of the attacker, its own key in the header included', async () => {
      const { forge } = bank.authorizationServer;
      const claims = forge.claims(bank.pki.peer('fintech/transport').thumbprint, details());
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = publicKey.export({ format: 'jwk' });
      await refused({ token: forge.sign(claims, { jwk }, privateKey) }, 'token_signature_invalid');
      const clientKey = createPrivateKey(bank.pki.leaf('fintech/transport').keyPem);
      await refused({ token: forge.sign(claims, {}, clientKey) }, 'token_signature_invalid');
    });

    it('a token without a signature, and one whose claims were changed after it', async () => {
      const { forge } = bank.authorizationServer;
      const [header = '', payload = '', signature = ''] = honest().split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      await refused(
        { token: unsigned({ alg: 'none', typ: 'at+jwt', kid: forge.kid }, claims, '') },
        'token_algorithm_not_allowed',
      );
      const parsed = JSON.parse(Buffer.from(header, 'base64url').toString());
      await refused(
        { token: unsigned(parsed, { ...claims, sub: 'cus-bob-4418' }, signature) },
        'token_signature_invalid',
      );
    });

    it.each(['ACCESS_TOKEN', 'GRANT'] as const)(
      'a token after its %s was revoked [FAPI2-SP-FINAL-5.3.4-3] [RS-16]',
      async (kind) => {
        const [jti, grant] = [randomUUID(), randomUUID()];
        const token = honest({ jti, grant_id: grant });
        expect((await bank.ask('/accounts', { token })).status).toBe(200);
        bank.authorizationServer.revoke(kind, kind === 'GRANT' ? grant : jti);
        await expect.poll(async () => (await bank.ask('/accounts', { token })).status, { timeout: 2_000 }).toBe(401);
        await refused({ token }, 'token_revoked');
      },
    );
  });

  describe('takes the token from one place only', () => {
    it('a request without any token learns nothing but the scheme [RFC6750-3.1] [RS-05]', async () => {
      const answer = await bank.ask('/accounts');
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([
        401,
        'Bearer, DPoP algs="ES256 PS256 EdDSA"',
      ]);
      expect(lastEvent()).toMatchObject({ outcome: 'refused', reason: 'token_missing' });
    });

    it.each(['access_token', '%61ccess_token'])(
      'refuses a token in the query as %s [FAPI2-SP-FINAL-5.3.4-2] [RS-01]',
      async (name) => {
        const token = honest();
        for (const headers of [{}, { authorization: `Bearer ${token}` }]) {
          const answer = await bank.ask(`/accounts?${name}=${token}`, { headers });
          expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
          expect(answer.text).not.toContain(token);
          expect(lastEvent()).toMatchObject({ reason: 'token_in_query' });
        }
      },
    );

    it('refuses a token in a body, with or without one in the header [FAPI2-SP-FINAL-5.3.4-2] [RFC6750-2.2] [RS-02]', async () => {
      const token = honest();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      for (const given of [{}, { token }]) {
        const answer = await bank.ask('/accounts', { ...given, headers, body: `access_token=${token}` });
        expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
        expect(lastEvent()).toMatchObject({ reason: 'token_in_body' });
      }
      const posted = await bank.ask('/accounts', { method: 'POST', headers, body: `access_token=${token}` });
      expect(posted.status).toBe(405);
    });

    it.each([
      ['two of them', () => [`Bearer ${honest()}`, `Bearer ${honest()}`], 400],
      ['two in one', () => `Bearer ${honest()}, Bearer ${honest()}`, 401],
      ['another scheme', () => `DPoP ${honest()}`, 401],
      ['a password', () => 'Basic YWxpY2U6YWxpY2UtZGVtbw==', 401],
      ['no token', () => 'Bearer', 401],
      ['garbage', () => 'Bearer not.a.token', 401],
    ])('refuses an Authorization header with %s', async (_, authorization, status) => {
      const answer = await bank.ask('/accounts', { headers: { authorization: authorization() } });
      expect(answer.status).toBe(status);
      expect(answer.json.accounts).toBeUndefined();
    });

    it('takes the name of the scheme in any case [RFC9110-11.1] [RS-03]', async () => {
      for (const scheme of ['bearer', 'BEARER', 'bEaReR'])
        expect((await bank.ask('/accounts', { headers: { authorization: `${scheme} ${honest()}` } })).status).toBe(200);
    });
  });

  describe('stands on the matched route', () => {
    it.each([
      '/%61ccounts',
      '//accounts',
      '/./accounts',
      '/accounts/',
      '/accounts;x=1',
      '/Accounts',
      '/accounts/../accounts',
      '/accounts%2f',
      '/accounts%3f',
      'https://api.bank.localhost/accounts',
    ])('decides on %s as on the path it means, or knows it not', async (path) => {
      const status = async (question: Question) => (await bank.ask(path, question)).status;
      const [naked, thief] = [await status({}), await status({ token: honest(), certificate: 'lab/second-client' })];
      expect([401, 404, 400]).toContain(naked);
      expect(thief).toBe(naked);
    });

    it.each(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'TRACE'])('serves nothing under %s', async (method) => {
      const headers = { 'x-http-method-override': 'GET' };
      const answer = await bank.ask('/accounts', { method, token: honest(), headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('acc_');
    });

    it('lets no browser of another origin read an answer, and no cache keep one [FAPI1-BASE-6.2.1-10] [RS-32]', async () => {
      for (const question of [{ token: honest() }, {}]) {
        const headers = { origin: 'https://lab.localhost:9743' };
        const answer = await bank.ask('/accounts', { ...question, headers });
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(answer.headers['cache-control']).toBe('no-store');
        expect(new Date(answer.headers.date ?? '').getTime()).toBeGreaterThan(Date.now() - 5_000);
      }
    });

    it('judges every request of a kept-alive connection [FAPI2-SP-FINAL-5.3.4-3] [RS-21]', async () => {
      const agent = new Agent({ ...bank.tls(), keepAlive: true, maxSockets: 1 });
      const jti = randomUUID();
      const token = honest({ jti });
      expect((await bank.ask('/accounts', { token, agent })).status).toBe(200);
      bank.authorizationServer.revoke('ACCESS_TOKEN', jti);
      await expect
        .poll(async () => (await bank.ask('/accounts', { token, agent })).status, { timeout: 2_000 })
        .toBe(401);
      expect((await bank.ask('/accounts', { agent })).status).toBe(401);
      agent.destroy();
    });

    it('speaks TLS 1.3 and nothing older', async () => {
      const options = {
        ...bank.tls(),
        host: '127.0.0.1',
        port: bank.config.api.listener.port,
        servername: 'api.bank.localhost',
      };
      const outcome = await new Promise((resolve) => {
        const socket = connect({ ...options, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, () =>
          resolve('connected'),
        );
        socket.on('error', () => resolve('refused'));
      });
      expect(outcome).toBe('refused');
    });
  });

  it('leaves no token and no key in log or audit trail', () => {
    const written = bank.log.join('') + JSON.stringify(bank.audit());
    expect(written).not.toMatch(/eyJ[\w-]{10,}/);
    expect(written).not.toContain('PRIVATE KEY');
    expect(written).not.toContain('[redacted]');
    expect(written.length).toBeGreaterThan(10_000);
  });
});
