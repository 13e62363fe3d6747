import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { DpopProver } from '../testing/dpop-prover.ts';
import type { Changes } from '../testing/dpop-prover.ts';
import { signJws } from '../testing/jws.ts';
import { MemoryState } from '../testing/memory-state.ts';
import { dpopNonces } from './dpop-nonce.ts';
import type { ExpectedProof, VerifiedProof } from './dpop-proof.ts';
import { checkProofUnused, verifyDpopProof } from './dpop-proof.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const EPOCH = NOW.getTime() / 1000;
const URL_OF_REQUEST = 'https://api.bank.test/accounts';
const TOKEN = 'eyJ.token.signature';
const EXPECTED = { method: 'GET', url: URL_OF_REQUEST, accessToken: TOKEN, now: NOW } as const satisfies ExpectedProof;

const mallory = new DpopProver();
let prover: DpopProver;
beforeEach(() => {
  prover = new DpopProver();
});

const proof = (claims: Changes = {}, header: Changes = {}): string => prover.prove(EXPECTED, claims, header);
const judge = (sent: string | readonly string[], expected: Partial<ExpectedProof> = {}): Promise<VerifiedProof> =>
  verifyDpopProof([sent].flat(), { ...EXPECTED, ...expected });

/** The refusal whole: code, reason, how it is shown; and what the same prover sends honestly is taken. */
async function refused(decision: Promise<unknown>, reason: string, code = 'invalid_dpop_proof'): Promise<OAuthError> {
  const error: unknown = await decision.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OAuthError);
  expect(error).toMatchObject({ code, reason, show: 'resource', status: 401 });
  await expect(judge(proof())).resolves.toMatchObject({ jkt: await prover.thumbprint() });
  return error as OAuthError;
}

describe('a DPoP proof is refused', () => {
  it('when there is none, or more than one, or two in one header [RFC9449-4.3-1] [RS-25]', async () => {
    await refused(judge([]), 'dpop_proof_missing');
    await refused(judge([proof(), proof()]), 'dpop_proof_repeated');
    await refused(judge(`${proof()}, ${proof()}`), 'dpop_proof_malformed');
  });

  it.each(['', 'x', 'a.b', 'a.b.c', 'e30.e30.', '....'])('when it is no JWT, as "%s" [RFC9449-4.3-2]', async (text) => {
    const error: unknown = await judge(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_dpop_proof' });
  });

  it.each([undefined, 'JWT', 'at+jwt', 'jwt', 'oauth-authz-req+jwt', ['dpop+jwt']])(
    'when it was made for something else: typ %s [RFC9449-4.3-4] [RS-26]',
    async (typ) => {
      await refused(judge(proof({}, { typ })), 'dpop_type_wrong');
    },
  );

  it.each(['none', 'HS256', 'RS256', 'ES384', 'ES256K', 'es256', undefined, ['ES256']])(
    'when it says it is signed by %s [RFC9449-4.3-5] [FAPI2-SP-FINAL-5.4.1-1]',
    async (alg) => {
      await refused(judge(proof({}, { alg })), 'dpop_algorithm_not_allowed');
    },
  );

  it('when it is signed with the public key as a shared secret [RFC8725-3.1]', async () => {
    const [, claims = ''] = proof().split('.');
    const head = { typ: 'dpop+jwt', alg: 'HS256', jwk: prover.publicJwk };
    const input = `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${claims}`;
    const mac = createHmac('sha256', JSON.stringify(prover.publicJwk)).update(input).digest('base64url');
    await refused(judge(`${input}.${mac}`), 'dpop_algorithm_not_allowed');
  });

  it('when it says one thing twice, in its header or in its claims [RFC7519-4]', async () => {
    const honest = { jti: 'jti-1', htm: 'GET', htu: URL_OF_REQUEST, iat: EPOCH };
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: prover.publicJwk };
    const twice = (part: object, member: string) => JSON.stringify(part).replace('{', `{${member},`);
    await refused(judge(signJws(prover.privateKey, header, twice(honest, '"jti":"x"'))), 'dpop_proof_malformed');
    await refused(judge(signJws(prover.privateKey, twice(header, '"jwk":{}'), honest)), 'dpop_proof_malformed');
  });

  it.each(['crit', 'b64', 'zip', 'jku', 'x5u', 'x5c'])(
    'when its header has %s, which would change what counts [RFC7515-4.1.11]',
    async (name) => {
      const value = { crit: ['b64'], b64: true, x5c: ['MII'] }[name] ?? 'https://mallory.test/';
      await refused(judge(proof({}, { [name]: value })), 'dpop_proof_malformed');
    },
  );

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])(
    'when its key has the private member %s [RFC9449-4.3-7] [RS-26]',
    async (member) => {
      await refused(judge(proof({}, { jwk: { ...prover.publicJwk, [member]: 'AQAB' } })), 'dpop_key_private');
    },
  );

  it.each([undefined, null, 'text', [], {}])('when it brings no key but %j [RFC9449-4.3-7]', async (jwk) => {
    await refused(judge(proof({}, { jwk })), 'dpop_key_unfit');
  });

  it('when its key is of another kind, for another use, off the curve, or weak [FAPI2-SP-FINAL-5.4.1-2]', async () => {
    const { x, y } = prover.publicJwk;
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
    for (const jwk of [
      other,
      new DpopProver('EdDSA').publicJwk,
      { ...prover.publicJwk, use: 'enc' },
      { ...prover.publicJwk, alg: 'ES384' },
      { ...prover.publicJwk, key_ops: ['sign'] },
      { ...prover.publicJwk, y: x, x: y },
      { ...prover.publicJwk, y: undefined },
      { ...prover.publicJwk, kty: 'oct' },
    ]) {
      await refused(judge(proof({}, { jwk })), 'dpop_key_unfit');
    }
  });

  it('when its RSA key is too short, or has an exponent with which anybody signs [FAPI2-SP-FINAL-5.4.1-2]', async () => {
    const rsa = new DpopProver('PS256');
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    for (const jwk of [short, { ...rsa.publicJwk, e: 'AQ' }]) {
      await refused(judge(rsa.prove(EXPECTED, {}, { jwk })), 'dpop_key_unfit');
    }
    await expect(judge(rsa.prove(EXPECTED))).resolves.toMatchObject({ jkt: await rsa.thumbprint() });
  });

  it('when somebody else signed it, or its claims were changed afterwards [RFC9449-4.3-6]', async () => {
    await refused(judge(mallory.prove(EXPECTED, {}, { jwk: prover.publicJwk })), 'dpop_signature_invalid');
    const [head, , signature] = proof().split('.');
    const claims = proof({ htm: 'POST' }).split('.')[1];
    await refused(judge([head, claims, signature].join('.'), { method: 'POST' }), 'dpop_signature_invalid');
  });

  it.each(['jti', 'htm', 'htu', 'iat'])(
    'without %s, or with another type of it [RFC9449-4.3-3] [RS-27]',
    async (claim) => {
      for (const value of [undefined, null, '', {}, true, [EPOCH]]) {
        await refused(judge(proof({ [claim]: value })), 'dpop_proof_malformed');
      }
    },
  );

  it.each(['POST', 'get', 'GET ', 'HEAD'])(
    'when it was made for the method "%s" [RFC9449-4.3-8] [RS-28]',
    async (htm) => {
      await refused(judge(proof({ htm })), 'dpop_method_mismatch');
    },
  );

  it.each([
    'https://api.bank.test/accounts/7',
    'https://api.bank.test/accounts/',
    'https://api.bank.test/account',
    'https://api.bank.test/',
    'https://api.bank.test',
    'https://api.bank.test/Accounts',
    'https://api.bank.test/accounts%2F',
    'https://api.bank.test/accounts;v=1',
    'https://api.bank.test:8443/accounts',
    'https://api.bank.test.evil.test/accounts',
    'https://evil.test/accounts',
    'https://alice@api.bank.test/accounts',
    'https://api.bank.test\\accounts',
    'https://api.bank.test/accounts\n',
    ' https://api.bank.test/accounts',
    'http://api.bank.test/accounts',
    '//api.bank.test/accounts',
    '/accounts',
    'api.bank.test/accounts',
    'https://',
  ])('when it was made for %j [RFC9449-4.3-9] [RS-29]', async (htu) => {
    await refused(judge(proof({ htu })), 'dpop_url_mismatch');
  });

  it.each([-61, -3600, 11, 60, 1e9])('when it was made %i s from now [RFC9449-4.3-11] [RS-27]', async (offset) => {
    await refused(judge(proof({ iat: EPOCH + offset })), 'dpop_iat_out_of_range');
  });

  it('when it says itself that its time is over, or has not come [RFC7519-4.1.4]', async () => {
    await refused(judge(proof({ exp: EPOCH - 11 })), 'dpop_iat_out_of_range');
    await refused(judge(proof({ nbf: EPOCH + 11 })), 'dpop_iat_out_of_range');
  });

  it('when it was made beside another access token, or beside none [RFC9449-4.3-12] [RS-30]', async () => {
    const hash = (token: string) => createHash('sha256').update(token).digest('base64url');
    for (const ath of [hash('another'), hash(TOKEN).slice(1), `${hash(TOKEN)}=`, '', undefined, TOKEN]) {
      await refused(judge(proof({ ath })), 'dpop_token_hash_mismatch');
    }
  });

  it('as JSON, with 400, where no token is presented [RFC9449-5]', async () => {
    const { method, url, now } = EXPECTED;
    const error: unknown = await verifyDpopProof([proof({ htm: 'POST' })], { method, url, now }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ reason: 'dpop_method_mismatch', show: 'json', status: 400 });
    expect((error as OAuthError).wwwAuthenticate).toBeUndefined();
  });
});

describe('a DPoP proof at a server that gives nonces', () => {
  const nonces = dpopNonces(new Uint8Array(32).fill(7), 60);
  const fresh = nonces.issue(NOW);

  it.each([
    [undefined, 'dpop_nonce_missing'],
    ['', 'dpop_nonce_wrong'],
    ['guessed', 'dpop_nonce_wrong'],
    [[fresh], 'dpop_nonce_wrong'],
    [nonces.issue(new Date(NOW.getTime() - 120_000)), 'dpop_nonce_wrong'],
    [dpopNonces(new Uint8Array(32).fill(8), 60).issue(NOW), 'dpop_nonce_wrong'],
  ])('is refused with the nonce %j, and told the one to use [RFC9449-8]', async (nonce, reason) => {
    const error = await refused(judge(proof({ nonce }), { nonces }), reason, 'use_dpop_nonce');
    expect(error.dpopNonce).toBe(fresh);
    expect(error.wwwAuthenticate).toMatch(/^DPoP error="use_dpop_nonce", error_description="[^"]+", algs="[^"]+"$/);
    expect(JSON.stringify(error)).not.toContain(fresh);
  });

  it('is told what else is wrong before it is told a nonce', async () => {
    const error = await refused(judge(proof({ htm: 'POST' }), { nonces }), 'dpop_method_mismatch');
    expect(error.dpopNonce).toBeUndefined();
  });

  it('is taken with the nonce it was told, and with the one before [RFC9449-8.2]', async () => {
    await expect(judge(proof({ nonce: fresh }), { nonces })).resolves.toMatchObject({ jkt: await prover.thumbprint() });
    const before = nonces.issue(new Date(NOW.getTime() - 60_000));
    await expect(judge(proof({ nonce: before }), { nonces })).resolves.toBeDefined();
  });
});

describe('a DPoP proof', () => {
  it.each(['ES256', 'PS256', 'EdDSA'] as const)('signed by %s proves its key [RFC9449-4.3]', async (algorithm) => {
    prover = new DpopProver(algorithm);
    const verified = await judge(proof({ jti: 'once' }));
    expect(verified).toEqual({
      jkt: await prover.thumbprint(),
      jti: 'once',
      expiresAt: new Date(NOW.getTime() + 70_000),
    });
  });

  it.each([
    'https://api.bank.test/accounts?from=2026-01-01#top',
    'HTTPS://API.BANK.TEST:443/accounts',
    'https://api.bank.test/x/../accounts',
    'https://api.bank.test/%61ccounts',
  ])('may say %s for the same URL [RFC9449-4.3-9]', async (htu) => {
    await expect(judge(proof({ htu }))).resolves.toBeDefined();
  });

  it('may name any of the names the server knows itself by, and no other [RFC9449-4.3-9]', async () => {
    const url = ['https://auth.test/token', 'https://mtls.auth.test/token'];
    for (const htu of url) await expect(judge(proof({ htu }), { url })).resolves.toBeDefined();
    await refused(judge(proof({ htu: 'https://other.auth.test/token' }), { url }), 'dpop_url_mismatch');
    await refused(judge(proof(), { url: [] }), 'dpop_url_mismatch');
  });

  it.each([-60, -10, 0, 10])(
    'may have been made %i s from now [FAPI2-SP-FINAL-5.3.2.1-13] [TOK-38]',
    async (offset) => {
      const { expiresAt } = await judge(proof({ iat: EPOCH + offset }));
      // Remembered for longer than any clock of ours takes it.
      expect(expiresAt.getTime() / 1000).toBe(EPOCH + offset + 70);
    },
  );

  it('proves the same key however the key is spelt [RFC7638-3]', async () => {
    prover = new DpopProver('PS256');
    const n = Buffer.concat([Buffer.of(0), Buffer.from(prover.publicJwk.n ?? '', 'base64url')]).toString('base64url');
    expect(n).not.toBe(prover.publicJwk.n);
    const jwk = { kid: 'mine', use: 'sig', key_ops: ['verify'], alg: 'PS256', ...prover.publicJwk, n };
    await expect(judge(proof({}, { jwk, kid: 'mine' }))).resolves.toMatchObject({ jkt: await prover.thumbprint() });
  });
});

describe('a replayed proof', () => {
  it('is refused, and one of fifty at the same instant is taken [RFC9449-11.1] [TOK-40] [RS-27]', async () => {
    const replays = new MemoryState();
    const verified = await judge(proof());
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => checkProofUnused(replays, verified)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(checkProofUnused(replays, verified)).rejects.toMatchObject({
      code: 'invalid_dpop_proof',
      reason: 'dpop_replayed',
      status: 400,
    });
    await expect(checkProofUnused(replays, verified, 'resource')).rejects.toMatchObject({ status: 401 });
    await expect(checkProofUnused(replays, await judge(proof()))).resolves.toBeUndefined();
  });
});
