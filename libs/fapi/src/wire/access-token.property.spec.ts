import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { throwAwayPki } from '@holdfast/mtls/testing';
import fc from 'fast-check';
import { importJWK } from 'jose';
import type { CryptoKey } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { createResourceServer } from '../rs/verify-request.ts';
import type { VerifiedCaller } from '../rs/verify-request.ts';
import { dpopNonces } from './dpop-nonce.ts';
import type { KeySource } from './access-token.ts';
import { damagedText, encodePart, hostileHeader, macJws, signJws } from '../testing/jws.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const seconds = NOW.getTime() / 1000;
const ISSUER = 'https://auth.test';
const BANK = 'https://api.bank.test';
const pki = throwAwayPki({ now: NOW });
const peer = pki.peer('lab/first-client');

const issuerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const attackerKeys = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  generateKeyPairSync('ed25519').privateKey,
];

const HEADER = { alg: 'ES256', kid: 'key-1', typ: 'at+jwt' };
const CLAIMS = {
  iss: ISSUER,
  sub: 'alice',
  aud: BANK,
  client_id: 'first',
  iat: seconds,
  exp: seconds + 300,
  jti: 'token-1',
  grant_id: 'grant-1',
  scope: 'openid profile',
  cnf: { 'x5t#S256': peer.thumbprint },
  authorization_details: [{ type: 'account_information', actions: ['list_accounts'], locations: [BANK] }],
};
const token = signJws(issuerKey, HEADER, CLAIMS);

let issuerPublicKey: CryptoKey;
beforeAll(async () => {
  issuerPublicKey = (await importJWK(createPublicKey(issuerKey).export({ format: 'jwk' }), 'ES256')) as CryptoKey;
});
/** As the issuer publishes it: the key says what it is for, and never the header. */
const keys: KeySource = ({ kid, alg }) =>
  Promise.resolve(kid === 'key-1' && alg === 'ES256' ? issuerPublicKey : undefined);
const dpop = {
  origins: [BANK],
  nonces: dpopNonces(randomBytes(32), 60),
  replays: { recordProof: () => Promise.resolve(true) },
};

/** The caller, or undefined where the request was refused as one with a bad token; nothing else may happen. */
async function verify(presented: string): Promise<VerifiedCaller | undefined> {
  const bank = createResourceServer({
    issuer: ISSUER,
    audience: BANK,
    keys,
    revocations: { check: () => Promise.resolve('active') },
    dpop,
    clock: { now: () => NOW },
    audit: (event) => expect(event.reason).not.toBe('unexpected'),
  });
  try {
    const request = { authorization: [`Bearer ${presented}`], dpop: [], method: 'GET', url: '/accounts', peer };
    return await bank.verifyRequest(request);
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).code).toBe('invalid_token');
    return undefined;
  }
}

/** The key as an attacker without the private half could have it in hand. */
const publicForms = (() => {
  const key = createPublicKey(issuerKey);
  const jwk = key.export({ format: 'jwk' });
  const raw = Buffer.concat([jwk.x, jwk.y].map((part) => Buffer.from(part as string, 'base64url')));
  return [
    key.export({ type: 'spki', format: 'pem' }),
    key.export({ type: 'spki', format: 'der' }),
    JSON.stringify(jwk),
    raw,
    '',
  ];
})();

describe('an access token at a resource [RFC9068-4]', () => {
  it('is accepted as it was issued', async () => {
    expect(await verify(token)).toMatchObject({ clientId: 'first', subject: 'alice', tokenId: 'token-1' });
  });

  it('is refused after any change to its text [RFC7515-5.2]', async () => {
    await fc.assert(
      fc.asyncProperty(damagedText(token), async (damaged) => {
        // Two texts in one header are spaces away from being one token.
        fc.pre(damaged.trim() !== token);
        expect(await verify(damaged)).toBeUndefined();
      }),
    );
  });

  it('is refused with any other header over the old signature [RFC8725-3.1]', async () => {
    const [, claims = '', signature = ''] = token.split('.');
    await fc.assert(
      fc.asyncProperty(hostileHeader, fc.constantFrom(signature, '', 'AA', 'A'.repeat(86)), async (header, signed) => {
        const forged = `${encodePart(header)}.${claims}.${signed}`;
        fc.pre(forged !== token);
        expect(await verify(forged)).toBeUndefined();
      }),
    );
  });

  it('is refused when signed by anybody else, whatever its header says [RFC8725-3.1]', async () => {
    const header = hostileHeader.map((odd) => ({ ...HEADER, ...odd }));
    await fc.assert(
      fc.asyncProperty(header, fc.constantFrom(...attackerKeys), async (odd, key) => {
        const jwk = createPublicKey(key).export({ format: 'jwk' });
        expect(await verify(signJws(key, odd, CLAIMS))).toBeUndefined();
        expect(await verify(signJws(key, { ...odd, jwk }, CLAIMS))).toBeUndefined();
      }),
    );
  });

  it('is refused when the public key was used as a secret [RFC8725-2.1]', async () => {
    const header = hostileHeader.map((odd) => ({ ...HEADER, ...odd }));
    await fc.assert(
      fc.asyncProperty(header, fc.constantFrom(...publicForms), fc.boolean(), async (odd, secret, honest) => {
        expect(await verify(macJws(secret, honest ? { ...odd, alg: 'HS256' } : odd, CLAIMS))).toBeUndefined();
      }),
    );
  });

  it('needs its algorithm, its key and its type even from the issuer, and nothing critical [RFC9068-2.1] [RFC7515-4.1.11]', async () => {
    await fc.assert(
      fc.asyncProperty(hostileHeader, fc.boolean(), async (odd, complete) => {
        const header: Record<string, unknown> = complete ? { ...HEADER, ...odd } : odd;
        const { alg, kid, typ } = header;
        const good =
          alg === 'ES256' &&
          kid === 'key-1' &&
          /^(application\/)?at\+jwt$/i.test(String(typ)) &&
          typeof typ === 'string';
        const accepted = (await verify(signJws(issuerKey, header, CLAIMS))) !== undefined;
        // RFC7797-6: critical and as everybody reads it anyway.
        const { crit, b64 } = header;
        const critical = crit !== undefined && !(JSON.stringify(crit) === '["b64"]' && b64 === true);
        if (accepted) expect({ good, critical }).toEqual({ good: true, critical: false });
        else expect(good && Object.keys(odd).every((name) => name in HEADER)).toBe(false);
      }),
    );
  });

  it('needs every claim even from the issuer [RFC9068-2.2] [FAPI2-SP-FINAL-5.3.4-5]', async () => {
    await fc.assert(
      fc.asyncProperty(oddClaims, async (odd) => {
        const claims: Record<string, unknown> = { ...CLAIMS, ...odd };
        const caller = await verify(signJws(issuerKey, HEADER, claims));
        expect(caller !== undefined).toBe(isGood(claims));
        if (caller === undefined) return;
        expect(caller.expiresAt.getTime()).toBeGreaterThan(NOW.getTime());
        expect(caller).toMatchObject({
          clientId: claims['client_id'],
          subject: claims['sub'],
          grantId: claims['grant_id'],
        });
        expect(caller.scopes.every((scope) => typeof scope === 'string')).toBe(true);
      }),
    );
  });

  it('is refused when it says one thing twice [RFC7519-4]', async () => {
    const members = Object.entries(CLAIMS).map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
    const extra = fc.constantFrom(...members, '"exp":9999999999', '"cnf":{}', '"\\u0065xp":9999999999', '"aud":[]');
    await fc.assert(
      fc.asyncProperty(extra, fc.nat(members.length), async (member, at) => {
        const payload = `{${members.toSpliced(at, 0, member).join(',')}}`;
        expect(await verify(signJws(issuerKey, HEADER, payload))).toBeUndefined();
      }),
    );
  });
});

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    0,
    -1,
    [],
    {},
    true,
    'x',
    ISSUER,
    BANK,
    [BANK],
    [BANK, 'https://other.test'],
    [[BANK]],
    `${BANK}/`,
  ),
  fc.constantFrom<unknown>(
    seconds,
    seconds + 10,
    seconds + 11,
    seconds - 1,
    seconds + 0.5,
    1e15,
    1e300,
    -1e300,
    String(seconds + 300),
  ),
  fc.constantFrom<unknown>(
    { 'x5t#S256': 'x'.repeat(43) },
    { 'x5t#S256': `${peer.thumbprint}=` },
    { 'x5t#S256': [peer.thumbprint] },
    { jkt: peer.thumbprint },
    { 'x5t#S256': peer.thumbprint, jkt: 'x' },
  ),
);
const oddClaims: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(
  fc.constantFrom(...Object.keys(CLAIMS), 'nbf', 'act'),
  anyValue,
  { maxKeys: 2 },
);

/** The rules written down here a second time. */
function isGood({ iss, aud, exp, iat, nbf, cnf, ...rest }: Record<string, unknown>): boolean {
  const texts = ['sub', 'client_id', 'jti', 'grant_id'].map((name) => rest[name]);
  const isDate = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) < 8.64e12;
  // RFC9449-7.2: what is bound to a key too is presented otherwise.
  const bound = JSON.stringify(cnf) === JSON.stringify(CLAIMS.cnf);
  return (
    iss === ISSUER &&
    (aud === BANK || (Array.isArray(aud) && aud.includes(BANK))) &&
    isDate(exp) &&
    exp > seconds &&
    isDate(iat) &&
    iat <= seconds + 10 &&
    (nbf === undefined || (typeof nbf === 'number' && nbf <= seconds)) &&
    texts.every((text) => typeof text === 'string' && text !== '') &&
    bound
  );
}
