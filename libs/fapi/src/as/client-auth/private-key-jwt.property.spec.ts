import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import { assertion, byAssertion, clientSigner } from '../../testing/client-signer.ts';
import { BANK, engineFixture, GOOD_REQUEST, ISSUER, request } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { anyText, damagedText, encodePart, hostileHeader, macJws, signJws } from '../../testing/jws.ts';
import { CLIENT_ASSERTION_TYPE } from '../../wire/client-assertion.ts';
import { pushAuthorizationRequest } from '../par/push.ts';

const signer = clientSigner('ES256');
const mallory = [clientSigner('ES256'), clientSigner('PS256'), clientSigner('EdDSA')];
const HEADER = { alg: 'ES256', kid: signer.jwk.kid };

let f: EngineFixture;
let now: number;
let CLAIMS: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  f = await engineFixture(byAssertion(signer));
  now = f.clock.now().getTime() / 1000;
  CLAIMS = { iss: 'first', sub: 'first', aud: ISSUER, jti: 'jti-1', exp: now + 60, iat: now };
});
beforeEach(() => forget());
const forget = (): void => {
  f.state.assertions.clear();
  f.state.pushedRequests.clear();
};

/** Whether the client was let in; otherwise it was refused as such, and nothing is kept. Nothing else may happen. */
async function isLetIn(jwt: string, type = CLIENT_ASSERTION_TYPE): Promise<boolean> {
  forget();
  const form = { ...GOOD_REQUEST, client_id: undefined, client_assertion_type: type, client_assertion: jwt };
  try {
    await pushAuthorizationRequest(f.engine, request(form, f.peers.first));
    expect([f.state.assertions.size, f.state.pushedRequests.size]).toEqual([1, 1]);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ code: 'invalid_client', status: 401 });
    expect([f.state.assertions.size, f.state.pushedRequests.size]).toEqual([0, 0]);
    return false;
  }
}

describe('a client assertion [OIDC-CORE-9] [RFC7523-3]', () => {
  it('lets its maker in once', async () => {
    const jwt = await assertion(f, signer);
    expect(await isLetIn(jwt)).toBe(true);
    expect(await isLetIn(signJws(signer.privateKey, HEADER, CLAIMS))).toBe(true);
  });

  it('is refused after any change to its text, and to its type', async () => {
    const jwt = await assertion(f, signer);
    const [, claims = '', signature = ''] = jwt.split('.');
    const damaged = fc.oneof(
      damagedText(jwt),
      fc
        .tuple(hostileHeader, fc.constantFrom(signature, '', 'AA'))
        .map(([header, signed]) => `${encodePart(header)}.${claims}.${signed}`),
      anyText(30).filter((text) => text !== ''),
    );
    await fc.assert(
      fc.asyncProperty(damaged, damagedText(CLIENT_ASSERTION_TYPE), async (text, type) => {
        expect(await isLetIn(text)).toBe(false);
        expect(await isLetIn(jwt, type)).toBe(false);
      }),
    );
  });

  it('is refused when signed by anybody else, whatever its header says [RFC8725-3.1]', async () => {
    const header = hostileHeader.map((odd) => ({ ...HEADER, ...odd }));
    await fc.assert(
      fc.asyncProperty(header, fc.constantFrom(...mallory), async (odd, { privateKey, jwk }) => {
        expect(await isLetIn(signJws(privateKey, odd, CLAIMS))).toBe(false);
        expect(await isLetIn(signJws(privateKey, { ...odd, jwk }, CLAIMS))).toBe(false);
        expect(await isLetIn(macJws(JSON.stringify(signer.jwk), { ...odd, alg: 'HS256' }, CLAIMS))).toBe(false);
      }),
    );
  });

  it('needs its algorithm, its key and a fitting type even from the client [RFC8725-3.11]', async () => {
    await fc.assert(
      fc.asyncProperty(hostileHeader, async (odd) => {
        const header: Record<string, unknown> = { ...HEADER, ...odd };
        const { alg, kid, typ } = header;
        const good =
          alg === 'ES256' &&
          kid === signer.jwk.kid &&
          (typ === undefined || typ === 'JWT') &&
          !('crit' in odd || 'b64' in odd || Object.hasOwn(odd, '__proto__'));
        expect(await isLetIn(signJws(signer.privateKey, header, CLAIMS))).toBe(good);
      }),
    );
  });

  it('needs sound claims even from the client [FAPI2-SP-FINAL-5.3.2.1-8] [FAPI2-SP-FINAL-5.3.2.1-13] [RFC7523-3-4]', async () => {
    const time = fc.constantFrom<unknown>(now - 11, now - 9, now + 10, now + 11, now + 600, now + 601, -1e300, 1e300);
    const odd = fc.constantFrom<unknown>(undefined, null, '', 7, [], {}, 'first', 'second', ISSUER, [ISSUER]);
    const audience = fc.constantFrom<unknown>(
      `${ISSUER}/`,
      `${ISSUER}/par`,
      `${ISSUER}/token`,
      BANK,
      ISSUER.toUpperCase(),
    );
    const id = fc.constantFrom<unknown>('x'.repeat(256), 'x'.repeat(257), '\0');
    const changes = fc.dictionary(
      fc.constantFrom('iss', 'sub', 'aud', 'jti', 'exp', 'nbf', 'iat'),
      fc.oneof(time, odd, audience, id),
      { maxKeys: 3 },
    );
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const claims: Record<string, unknown> = { ...CLAIMS, ...changed };
        expect(await isLetIn(signJws(signer.privateKey, HEADER, claims))).toBe(isSound(claims));
      }),
    );
  });

  it('is refused when it says one thing twice [RFC7519-4]', async () => {
    const members = Object.entries(CLAIMS).map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
    const extra = fc.constantFrom(...members, '"sub":"second"', '"jti":"jti-2"', '"\\u0061ud":"first"');
    await fc.assert(
      fc.asyncProperty(extra, fc.nat(members.length), async (member, at) => {
        const payload = `{${members.toSpliced(at, 0, member).join(',')}}`;
        expect(await isLetIn(signJws(signer.privateKey, HEADER, payload))).toBe(false);
      }),
    );
  });
});

/** The rules written down here a second time. */
function isSound({ iss, sub, aud, jti, exp, nbf, iat }: Record<string, unknown>): boolean {
  const isNoLaterThan = (latest: number, value: unknown) => typeof value === 'number' && value <= latest;
  return (
    iss === 'first' &&
    sub === 'first' &&
    aud === ISSUER &&
    typeof jti === 'string' &&
    jti !== '' &&
    jti.length <= 256 &&
    isNoLaterThan(now + 600, exp) &&
    (exp as number) > now - 10 &&
    [nbf, iat].every((time) => time === undefined || isNoLaterThan(now + 10, time))
  );
}
