import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import { clientSigner, requestObject } from '../../testing/client-signer.ts';
import { engineFixture, GOOD_REQUEST, ISSUER, request } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { anyText, damagedText, encodePart, hostileHeader, macJws, signJws } from '../../testing/jws.ts';
import type { PushedRequest } from '../state.ts';
import { pushAuthorizationRequest } from './push.ts';

const signer = clientSigner('ES256');
const mallory = [clientSigner('ES256'), clientSigner('PS256'), clientSigner('EdDSA')];
const { client_id: _, ...PARAMETERS } = GOOD_REQUEST;
const HEADER = { alg: 'ES256', kid: signer.jwk.kid, typ: 'oauth-authz-req+jwt' };

let f: EngineFixture;
let honest: string;
let now: number;
let CLAIMS: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  f = await engineFixture({ profile: 'fapi2-message-signing', jwks: { kind: 'inline', keys: [signer.jwk] } });
  honest = await requestObject(f, signer, PARAMETERS);
  now = f.clock.now().getTime() / 1000;
  CLAIMS = { ...GOOD_REQUEST, iss: 'first', aud: ISSUER, exp: now + 300, nbf: now };
});
beforeEach(() => f.state.pushedRequests.clear());

/** What was kept, or undefined where it was refused, and nothing kept; nothing else may happen. */
async function push(jwt: string, beside: Record<string, string> = {}): Promise<PushedRequest | undefined> {
  const known = f.state.pushedRequests.size;
  try {
    const form = request({ client_id: 'first', ...beside, request: jwt }, f.peers.first);
    const { request_uri: requestUri } = await pushAuthorizationRequest(f.engine, form);
    return f.state.pushedRequests.get(requestUri)!.value;
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).status).toBe(400);
    expect(f.events.at(-1)).toMatchObject({ outcome: 'refused', reason: (error as OAuthError).reason });
    expect(f.state.pushedRequests.size).toBe(known);
    return undefined;
  }
}

describe('a request object [RFC9101-6.2] [FAPI2-MS-FINAL-5.3.1]', () => {
  it('is taken as it was signed, whatever stands beside it [RFC9101-6.3] [PAR-27]', async () => {
    const stray = fc.dictionary(
      fc.constantFrom(...Object.keys(PARAMETERS), 'prompt', 'x'),
      fc.string({ minLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(stray, async (beside) => {
        expect(await push(honest, beside)).toMatchObject({
          redirectUri: GOOD_REQUEST['redirect_uri'],
          codeChallenge: GOOD_REQUEST['code_challenge'],
          state: 'state-1',
          nonce: 'nonce-1',
        });
      }),
    );
  });

  it('is refused after any change to its text', async () => {
    const [, claims = '', signature = ''] = honest.split('.');
    const damaged = fc.oneof(
      damagedText(honest),
      fc
        .tuple(hostileHeader, fc.constantFrom(signature, '', 'AA'))
        .map(([header, signed]) => `${encodePart(header)}.${claims}.${signed}`),
      anyText(30),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        expect(await push(text)).toBeUndefined();
      }),
    );
  });

  it('is refused when signed by anybody else, whatever its header says [RFC8725-3.1]', async () => {
    const header = hostileHeader.map((odd) => ({ ...HEADER, ...odd }));
    await fc.assert(
      fc.asyncProperty(header, fc.constantFrom(...mallory), async (odd, { privateKey, jwk }) => {
        expect(await push(signJws(privateKey, odd, CLAIMS))).toBeUndefined();
        expect(await push(signJws(privateKey, { ...odd, jwk }, CLAIMS))).toBeUndefined();
        expect(await push(macJws(JSON.stringify(signer.jwk), { ...odd, alg: 'HS256' }, CLAIMS))).toBeUndefined();
      }),
    );
  });

  it('needs its algorithm, its key and its type even from the client, and nothing critical [RFC7515-4.1.11]', async () => {
    await fc.assert(
      fc.asyncProperty(hostileHeader, async (odd) => {
        const header: Record<string, unknown> = { ...HEADER, ...odd };
        const { alg, kid, typ } = header;
        const kept = await push(signJws(signer.privateKey, header, CLAIMS));
        const good =
          alg === 'ES256' &&
          kid === signer.jwk.kid &&
          typeof typ === 'string' &&
          /^(application\/)?(oauth-authz-req\+)?jwt$/i.test(typ) &&
          !('crit' in odd || 'b64' in odd || Object.hasOwn(odd, '__proto__'));
        expect(kept !== undefined).toBe(good);
      }),
    );
  });

  it('needs sound claims even from the client [FAPI2-MS-FINAL-5.3.1-2] [FAPI2-MS-FINAL-5.3.1-3] [FAPI2-MS-FINAL-5.3.1-4]', async () => {
    const time = fc.constantFrom<unknown>(now - 11, now - 9, now, now + 10, now + 11, now + 3600, now + 3601, 1e300);
    const odd = fc.constantFrom<unknown>(
      undefined,
      null,
      '',
      0,
      [],
      {},
      'second',
      'first',
      ISSUER,
      [ISSUER],
      [[ISSUER]],
    );
    const names = fc.constantFrom('iss', 'client_id', 'aud', 'exp', 'nbf', 'iat', 'request', 'request_uri');
    const changes = fc.dictionary(names, fc.oneof(time, odd), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const claims: Record<string, unknown> = { ...CLAIMS, ...changed };
        const kept = await push(signJws(signer.privateKey, HEADER, claims));
        expect(kept !== undefined).toBe(isSound(claims));
      }),
    );
  });

  it('is refused when it says one thing twice, at any depth [RFC7519-4]', async () => {
    const members = Object.entries(CLAIMS).map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
    const extra = fc.constantFrom(...members, '"scope":"openid"', '"\\u0073cope":"openid"', '"claims":{"a":{},"a":{}}');
    await fc.assert(
      fc.asyncProperty(extra, fc.nat(members.length), async (member, at) => {
        const payload = `{${members.toSpliced(at, 0, member).join(',')}}`;
        expect(await push(signJws(signer.privateKey, HEADER, payload))).toBeUndefined();
      }),
    );
  });

  it('holds parameters that are kept as they are, or it is refused', async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...Object.values(PARAMETERS)));
    const changes = fc.dictionary(fc.constantFrom(...Object.keys(PARAMETERS), 'claims', 'prompt', 'max_age'), value, {
      maxKeys: 2,
    });
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const claims: Record<string, unknown> = { ...CLAIMS, ...changed };
        const kept = await push(signJws(signer.privateKey, HEADER, claims));
        if (kept === undefined) return;
        expect(kept.redirectUri).toBe(GOOD_REQUEST['redirect_uri']);
        expect(kept.codeChallenge).toBe(claims['code_challenge']);
        expect(kept.state ?? '').toBe(String(claims['state'] ?? ''));
        expect(kept.nonce ?? '').toBe(String(claims['nonce'] ?? ''));
      }),
    );
  });
});

/** The rules written down here a second time. */
function isSound({ iss, client_id: id, aud, exp, nbf, iat, ...rest }: Record<string, unknown>): boolean {
  const isTime = (value: unknown): value is number => typeof value === 'number';
  return (
    iss === 'first' &&
    id === 'first' &&
    (aud === ISSUER || (Array.isArray(aud) && aud.includes(ISSUER))) &&
    isTime(exp) &&
    exp > now - 10 &&
    isTime(nbf) &&
    nbf <= now + 10 &&
    exp - nbf <= 3600 &&
    (iat === undefined || (isTime(iat) && iat <= now + 10)) &&
    rest['request'] === undefined &&
    rest['request_uri'] === undefined
  );
}
