import fc from 'fast-check';
import { jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ResponseMode, SigningAlgorithm } from '../../profile.ts';
import { SIGNING_ALGORITHMS } from '../../profile.ts';
import { engineFixture, ISSUER } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { damagedText, encodePart, hostileHeader } from '../../testing/jws.ts';
import type { PushedRequest } from '../state.ts';
import type { Answer } from './response.ts';
import { respond } from './response.ts';
import type { PendingRequest } from './take-up.ts';

let f: EngineFixture;
beforeAll(async () => {
  f = await engineFixture();
});

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
});
const query = fc.array(fc.tuple(fc.constantFrom('a', 'tenant', 'x y'), printable), { maxLength: 3 });
const redirectUri = query.map((pairs) => {
  const search = new URLSearchParams(pairs).toString();
  return `https://first.test/callback${search === '' ? '' : `?${search}`}`;
});
const state = fc.option(printable, { nil: undefined });
const answer: fc.Arbitrary<Answer> = fc.oneof(
  printable.map((code) => ({ code })),
  fc.constantFrom('access_denied' as const, 'server_error' as const).map((error) => ({ error })),
);

interface Asked {
  readonly uri: string;
  readonly sent: string | undefined;
  readonly mode: ResponseMode;
  readonly algorithm?: SigningAlgorithm;
}

const answered = ({ uri, sent, mode, algorithm = 'ES256' }: Asked, given: Answer) => {
  const request = { redirectUri: uri, responseMode: mode, ...(sent === undefined ? {} : { state: sent }) };
  const client = { ...f.clients.get('first')!, authorizationResponseAlgorithm: algorithm };
  const pending: Pick<PendingRequest, 'client'> & { request: Partial<PushedRequest> } = { client, request };
  return respond(f.engine, pending as PendingRequest, given);
};

/** What a client that verifies takes from a signed answer; undefined when it takes nothing. */
async function taken(jwt: string, alg: SigningAlgorithm = 'ES256') {
  try {
    const key = ({ kid = '' }: { kid?: string }) => {
      const found = f.engine.keys.verificationKey(kid, alg);
      if (found === undefined) throw new TypeError('no such key');
      return found;
    };
    const expected = { issuer: ISSUER, audience: 'first', algorithms: [alg], currentDate: f.clock.now() };
    return (await jwtVerify(jwt, key, { ...expected, typ: 'oauth-authz-resp+jwt' })).payload;
  } catch {
    return undefined;
  }
}

describe('the redirect home [RFC6749-4.1.2]', () => {
  it('goes to the registered place, with its own query, the answer, the state to the letter and the issuer, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        redirectUri,
        state,
        answer,
        fc.constantFrom('query', 'fragment'),
        async (uri, sent, given, mode) => {
          const home = await answered({ uri, sent, mode }, given);
          if (home.kind !== 'redirect') throw new Error('no redirect');
          expect(home.location.startsWith(uri)).toBe(true);
          const [registered, url] = [new URL(uri), new URL(home.location)];
          const own = [...registered.searchParams];
          const states = sent === undefined ? [] : [['state', sent]];
          const sentHome = [...Object.entries(given), ...states, ['iss', ISSUER]];
          expect([url.origin, url.pathname]).toEqual([registered.origin, registered.pathname]);
          expect([...url.searchParams]).toEqual(mode === 'query' ? [...own, ...sentHome] : own);
          expect([...new URLSearchParams(url.hash.slice(1))]).toEqual(mode === 'query' ? [] : sentHome);
        },
      ),
    );
  });
});

describe('a signed answer [FAPI2-MS-FINAL-5.4.1-1] [JARM-2.1]', () => {
  it('says who answers whom, the answer and the state to the letter, whichever way it travels', async () => {
    const mode = fc.constantFrom('query.jwt', 'fragment.jwt', 'form_post.jwt');
    const algorithm = fc.constantFrom(...SIGNING_ALGORITHMS);
    await fc.assert(
      fc.asyncProperty(redirectUri, state, answer, mode, algorithm, async (uri, sent, given, by, alg) => {
        const home = await answered({ uri, sent, mode: by, algorithm: alg }, given);
        expect(home.kind === 'form_post' ? home.action : home.location.slice(0, uri.length)).toBe(uri);
        const jwt =
          home.kind === 'form_post' ? home.fields['response'] : /[?&#]response=([^&]+)$/.exec(home.location)?.[1];
        const { exp, ...claims } = (await taken(jwt ?? '', alg)) ?? {};
        const states = sent === undefined ? {} : { state: sent };
        expect(claims).toEqual({ iss: ISSUER, aud: 'first', ...given, ...states });
        expect(exp).toBe(f.clock.now().getTime() / 1000 + f.engine.profile.authorizationResponseLifetime);
      }),
    );
  });

  it('verifies after no damage, but for another spelling of the very same bytes [RFC7515-5.2]', async () => {
    const uri = 'https://first.test/callback';
    const home = await answered({ uri, sent: 'state-1', mode: 'form_post.jwt' }, { code: 'code-1' });
    const jwt = home.kind === 'form_post' ? home.fields['response']! : '';
    const [, claims = '', signature = ''] = jwt.split('.');
    expect(await taken(jwt)).toMatchObject({ code: 'code-1' });
    const damaged = fc.oneof(
      damagedText(jwt),
      hostileHeader.map((header) => `${encodePart(header)}.${claims}.${signature}`),
      hostileHeader.map((header) => `${encodePart({ ...header, alg: 'none' })}.${claims}.`),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        const read = await taken(text);
        // The library reads other spellings of the same bytes: whoever does so sees what was signed, and nothing else.
        if (read !== undefined) expect(respelt(text)).toEqual(respelt(jwt));
      }),
    );
  });
});

const respelt = (jwt: string): string[] => jwt.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
