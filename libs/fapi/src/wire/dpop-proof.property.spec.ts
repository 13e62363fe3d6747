import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { DpopProver } from '../testing/dpop-prover.ts';
import { anyText, damagedText, encodePart, hostileHeader, macJws, signJws } from '../testing/jws.ts';
import type { VerifiedProof } from './dpop-proof.ts';
import { verifyDpopProof } from './dpop-proof.ts';
import { isSameTarget } from './dpop-target.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const EPOCH = NOW.getTime() / 1000;
const URL_OF_REQUEST = 'https://api.bank.test/accounts';
const TOKEN = 'eyJ.token.signature';
const OCCASION = { method: 'GET', url: URL_OF_REQUEST, accessToken: TOKEN, now: NOW };

const owners = [new DpopProver('ES256'), new DpopProver('PS256'), new DpopProver('EdDSA')];
const owner = owners[0]!;
const mallory = [new DpopProver('ES256'), new DpopProver('PS256'), new DpopProver('EdDSA')];
const HEADER = { typ: 'dpop+jwt', alg: 'ES256', jwk: owner.publicJwk };
const CLAIMS = {
  jti: 'jti-1',
  htm: 'GET',
  htu: URL_OF_REQUEST,
  iat: EPOCH,
  ath: createHash('sha256').update(TOKEN).digest('base64url'),
};

/** The proven key, or undefined where the proof was refused as one; nothing else may happen. */
async function judge(sent: string): Promise<VerifiedProof | undefined> {
  try {
    return await verifyDpopProof([sent], OCCASION);
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ code: 'invalid_dpop_proof', show: 'resource' });
    return undefined;
  }
}

describe('a DPoP proof [RFC9449-4.3]', () => {
  it('proves the key it was made with, of each kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...owners), async (prover) => {
        expect(await judge(prover.prove(OCCASION))).toMatchObject({ jkt: await prover.thumbprint() });
      }),
      { numRuns: 10 },
    );
  });

  it('is refused after any change to its text [RFC9449-4.3-6]', async () => {
    const honest = owner.prove(OCCASION);
    const [, claims = '', signature = ''] = honest.split('.');
    const damaged = fc.oneof(
      damagedText(honest),
      fc
        .tuple(hostileHeader, fc.constantFrom(signature, '', 'AA'))
        .map(([odd, signed]) => `${encodePart({ ...HEADER, ...odd, typ: 'dpop+jwt' })}.${claims}.${signed}`),
      anyText(30),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        expect(await judge(text)).toBeUndefined();
      }),
    );
  });

  it('never proves a key whose private half did not sign, whatever its header says [RFC9449-4.3-7]', async () => {
    const header = hostileHeader.map((odd) => ({ ...HEADER, ...odd, typ: 'dpop+jwt' }));
    await fc.assert(
      fc.asyncProperty(header, fc.constantFrom(...mallory), async (odd, { privateKey, publicJwk, algorithm }) => {
        expect(await judge(signJws(privateKey, { ...odd, jwk: owner.publicJwk }, CLAIMS))).toBeUndefined();
        const mixed = { ...odd, alg: algorithm, jwk: { ...publicJwk, ...owner.publicJwk } };
        expect(await judge(signJws(privateKey, mixed, CLAIMS))).toBeUndefined();
        const secret = JSON.stringify(owner.publicJwk);
        expect(await judge(macJws(secret, { ...odd, jwk: owner.publicJwk }, CLAIMS))).toBeUndefined();
      }),
    );
  });

  it('has one thumbprint for one key, however its header spells it [RFC7638-3]', async () => {
    const member = fc.constantFrom('kid', 'ext', 'key_ops', 'use', 'alg', 'x', 'y', 'crv', 'kty', 'n', 'e', 'X', 'd');
    const value = fc.oneof(
      fc.constantFrom<unknown>(null, '', true, false, {}, [], ['verify'], ['sign'], 'sig', 'enc', 'ES256', 'EC', 'RSA'),
      fc.constantFrom(`${owner.publicJwk.x}=`, `${owner.publicJwk.y}A`, owner.publicJwk.x, owner.publicJwk.y),
    );
    const thumbprint = await owner.thumbprint();
    await fc.assert(
      fc.asyncProperty(fc.dictionary(member, value, { maxKeys: 2 }), async (odd) => {
        const proven = await judge(owner.prove(OCCASION, {}, { jwk: { ...owner.publicJwk, ...odd } }));
        if (proven !== undefined) expect(proven.jkt).toBe(thumbprint);
      }),
    );
  });

  it('needs sound claims even from the owner of the key [RFC9449-4.2] [FAPI2-SP-FINAL-5.3.2.1-13]', async () => {
    const time = fc.constantFrom<unknown>(EPOCH - 61, EPOCH - 60, EPOCH + 10, EPOCH + 11, EPOCH + 0.5, 1e300, -1e300);
    const odd = fc.constantFrom<unknown>(undefined, null, '', 0, [], {}, 'GET', ['GET'], 'get', URL_OF_REQUEST, TOKEN);
    const names = fc.constantFrom(...Object.keys(CLAIMS), 'exp', 'nbf');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, fc.oneof(time, odd), { maxKeys: 2 }), async (changed) => {
        const claims: Record<string, unknown> = { ...CLAIMS, ...changed };
        const proven = await judge(signJws(owner.privateKey, HEADER, claims));
        expect(proven !== undefined).toBe(isSound(claims));
        // Long enough that the proof is refused for its age before anybody forgets that it was used.
        if (proven !== undefined)
          expect(proven.expiresAt.getTime()).toBeGreaterThanOrEqual((Number(claims['iat']) + 60) * 1000);
      }),
    );
  });

  it('is refused when it says one thing twice [RFC7519-4]', async () => {
    const members = (part: object) => Object.entries(part).map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
    const twice = (part: object) =>
      fc
        .tuple(fc.constantFrom(...members(part)), fc.nat(members(part).length))
        .map(([member, at]) => `{${members(part).toSpliced(at, 0, member).join(',')}}`);
    await fc.assert(
      fc.asyncProperty(twice(HEADER), twice(CLAIMS), async (header, claims) => {
        expect(await judge(signJws(owner.privateKey, header, CLAIMS))).toBeUndefined();
        expect(await judge(signJws(owner.privateKey, HEADER, claims))).toBeUndefined();
      }),
    );
  });
});

describe('the target of a proof [RFC9449-4.3-9]', () => {
  const piece = fc.constantFrom(
    ...['https://', 'HTTPS://', 'http://', 'api.bank.test', 'API.bank.test', 'evil.test', '@', ':', ':443', ':8443'],
    ...['/', '//', '/accounts', '/Accounts', '/../accounts', '/%61ccounts', '%2f', '%2F', '?', '?a=1', '#', '\\', '.'],
    ...[' ', '\n', '\t', '\0', 'é', '%00', ';'],
  );
  const near = fc.oneof(
    fc.array(piece, { maxLength: 5 }).map((parts) => parts.join('')),
    fc.array(piece, { maxLength: 2 }).map((parts) => `https://api.bank.test${parts.join('')}`),
    damagedText(URL_OF_REQUEST),
  );

  it('is this URL under every spelling of the same one, and under no other', () => {
    fc.assert(
      fc.property(near, (htu) => {
        if (!isSameTarget(htu, URL_OF_REQUEST)) return;
        // RFC3986-B: the parts as an outside reader takes them.
        const [, scheme = '', , authority = '', path = ''] =
          /^(?:([^:/?#]+):)?(\/\/([^/?#]*))?([^?#]*)/.exec(htu) ?? [];
        expect(scheme.toLowerCase()).toBe('https');
        expect(authority.toLowerCase()).toMatch(/^api\.bank\.test(:(443)?)?$/);
        expect(new URL(path, 'https://x.test').pathname.replaceAll(/%61/g, 'a')).toBe('/accounts');
        expect(htu).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });

  it('is compared the same both ways round', () => {
    fc.assert(
      fc.property(near, near, (a, b) => {
        expect(isSameTarget(a, b)).toBe(isSameTarget(b, a));
      }),
    );
  });
});

/** The rules written down here a second time. */
function isSound({ jti, htm, htu, iat, ath, exp, nbf }: Record<string, unknown>): boolean {
  const isTime = (value: unknown): value is number => typeof value === 'number';
  return (
    typeof jti === 'string' &&
    jti !== '' &&
    htm === 'GET' &&
    htu === URL_OF_REQUEST &&
    ath === CLAIMS.ath &&
    isTime(iat) &&
    iat >= EPOCH - 60 &&
    iat <= EPOCH + 10 &&
    (exp === undefined || (isTime(exp) && exp > EPOCH - 10)) &&
    (nbf === undefined || (isTime(nbf) && nbf <= EPOCH + 10))
  );
}
