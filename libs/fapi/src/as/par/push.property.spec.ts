import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import type { FormPairs } from '../../form.ts';
import { readForm } from '../../form.ts';
import { damagedForm } from '../../testing/damaged-form.ts';
import { engineFixture, GOOD_REQUEST } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { anyText, damagedText } from '../../testing/jws.ts';
import type { PushedRequest } from '../state.ts';
import { pushAuthorizationRequest } from './push.ts';

const REGISTERED = ['https://first.test/callback', 'https://first.test/callback?tenant=1'];
let f: EngineFixture;
beforeAll(async () => {
  f = await engineFixture({ redirectUris: REGISTERED });
});
beforeEach(() => f.state.pushedRequests.clear());

/** What was kept of the request, or undefined where it was refused, and nothing of it was kept; nothing else may happen. */
async function push(form: FormPairs, peer = f.peers.first): Promise<PushedRequest | undefined> {
  const known = new Set(f.state.pushedRequests.keys());
  try {
    const { request_uri: requestUri } = await pushAuthorizationRequest(f.engine, {
      form,
      authorization: [],
      dpop: [],
      peer,
    });
    return f.state.pushedRequests.get(requestUri)!.value;
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).status).toBeLessThan(500);
    expect(f.events.at(-1)).toMatchObject({ outcome: 'refused', reason: (error as OAuthError).reason });
    expect(f.state.pushedRequests.size).toBe(known.size);
    return undefined;
  }
}

const NAMES = [
  'request',
  'request_uri',
  'prompt',
  'max_age',
  'login_hint',
  'ui_locales',
  'response_mode',
  'client_secret',
  'client_assertion',
  'claims',
  'dpop_jkt',
  '__proto__',
  'x',
];

describe('a pushed request [RFC9126-2.1]', () => {
  it('is kept as it was sent and as it may be, or is refused without a trace', async () => {
    await fc.assert(
      fc.asyncProperty(damagedForm(GOOD_REQUEST, NAMES), async (form) => {
        const kept = await push(form);
        if (kept === undefined) return;
        const sent = readForm(form);
        expect(kept.clientId).toBe('first');
        expect(kept.redirectUri).toBe(sent.get('redirect_uri'));
        expect(kept.codeChallenge).toBe(sent.get('code_challenge'));
        expect(REGISTERED).toContain(kept.redirectUri);
        expect(kept.state).toBe(sent.get('state'));
        expect(kept.nonce).toBe(sent.get('nonce'));
        expect(['openid', 'profile']).toEqual(expect.arrayContaining([...kept.scopes]));
        expect(sent.get('code_challenge_method')).toBe('S256');
        expect(sent.get('response_type')).toBe('code');
        for (const name of ['request', 'request_uri', 'client_secret', 'client_assertion'])
          expect(sent.has(name)).toBe(false);
      }),
    );
  });

  it('goes to a redirect URI that is registered to the letter, and to no other [FAPI2-SP-FINAL-5.3.2.2-8]', async () => {
    const uri = fc.oneof(
      fc.constantFrom(...REGISTERED),
      fc.constantFrom(...REGISTERED).chain(damagedText),
      fc.constantFrom(...REGISTERED).chain((known) => fc.mixedCase(fc.constant(known))),
      fc
        .tuple(fc.constantFrom(...REGISTERED), fc.constantFrom('#', '?', '&x', '/..', '%00', ' ', '@evil.test'))
        .map((two) => two.join('')),
    );
    await fc.assert(
      fc.asyncProperty(uri, async (redirectUri) => {
        const kept = await push(Object.entries({ ...GOOD_REQUEST, redirect_uri: redirectUri }));
        expect(kept?.redirectUri).toBe(REGISTERED.find((known) => known === redirectUri));
      }),
    );
  });

  it('is taken from the client alone whose certificate is on the connection [RFC8705-2]', async () => {
    const id = fc.oneof(fc.constantFrom('first', 'second'), fc.constantFrom('first', 'second').chain(damagedText));
    const redirects: Record<string, string> = { first: REGISTERED[0]!, second: 'https://second.test/callback' };
    await fc.assert(
      fc.asyncProperty(id, fc.constantFrom('first', 'second'), async (claimed, presented) => {
        const form = { ...GOOD_REQUEST, client_id: claimed, redirect_uri: redirects[claimed] ?? redirects['first']! };
        const kept = await push(Object.entries(form), f.peers[presented]);
        expect(kept?.clientId).toBe(claimed === presented ? claimed : undefined);
      }),
    );
  });

  it('is read or refused, whatever its parameters', async () => {
    const pair = fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(GOOD_REQUEST), ...NAMES), fc.string()), anyText(20));
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { maxLength: 8 }), async (form) => {
        expect(await push(form)).toBeUndefined();
      }),
    );
  });
});
