import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import type { FormPairs } from '../../form.ts';
import { readForm } from '../../form.ts';
import { damagedForm } from '../../testing/damaged-form.ts';
import { authorize, engineFixture, redeem, refresh, VERIFIER } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { exchange } from './exchange.ts';
import type { TokenResponse } from './token-response.ts';

let f: EngineFixture;
beforeAll(async () => {
  f = await engineFixture();
});

/** The tokens, or undefined where the request was refused; nothing else may happen. */
async function ask(form: FormPairs, peer = f.peers.first): Promise<TokenResponse | undefined> {
  try {
    return await exchange(f.engine, { form, authorization: [], dpop: [], peer });
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).status).toBeLessThan(500);
    expect(f.events.at(-1)).toMatchObject({ outcome: 'refused', reason: (error as OAuthError).reason });
    return undefined;
  }
}

const NAMES = [
  'scope',
  'resource',
  'refresh_token',
  'authorization_details',
  'client_secret',
  'client_assertion',
  'audience',
  '__proto__',
];
const CODE = 'the code of this case';
const codeForm = {
  grant_type: 'authorization_code',
  client_id: 'first',
  code: CODE,
  redirect_uri: 'https://first.test/callback',
  code_verifier: VERIFIER,
};
const put = (form: FormPairs, placeholder: string, real: string): FormPairs =>
  form.map(([name, value]) => [name, value.replace(placeholder, real)]);

describe('the redemption of a code [RFC6749-4.1.3]', () => {
  it('succeeds with every value to the letter, and otherwise leaves the code to its owner', async () => {
    await fc.assert(
      fc.asyncProperty(damagedForm(codeForm, NAMES), async (damaged) => {
        const { code } = await authorize(f);
        const form = put(damaged, CODE, code);
        const tokens = await ask(form);
        if (tokens === undefined) {
          await expect(redeem(f, code)).resolves.toMatchObject({ token_type: 'Bearer' });
        } else {
          const sent = readForm(form);
          for (const [name, value] of put(Object.entries(codeForm), CODE, code)) expect(sent.get(name)).toBe(value);
        }
      }),
    );
  });

  it('is the right of the client it was issued to, with its certificate [RFC6749-10.5] [RFC8705-2]', async () => {
    const client = fc.constantFrom('first', 'second');
    await fc.assert(
      fc.asyncProperty(client, client, async (claimed, presented) => {
        const { code } = await authorize(f);
        const form = put(Object.entries({ ...codeForm, client_id: claimed }), CODE, code);
        const tokens = await ask(form, f.peers[presented]);
        expect(tokens !== undefined).toBe(claimed === 'first' && presented === 'first');
      }),
    );
  });
});

describe('the use of a refresh token [RFC6749-6]', () => {
  it('gives no more than was granted, or nothing', async () => {
    const REFRESH = 'the refresh token of this test';
    const { refresh_token: token = '' } = await redeem(f, (await authorize(f)).code);
    const good = { grant_type: 'refresh_token', client_id: 'first', refresh_token: REFRESH, scope: 'openid profile' };
    await fc.assert(
      fc.asyncProperty(damagedForm(good, NAMES), async (damaged) => {
        const form = put(damaged, REFRESH, token);
        const tokens = await ask(form);
        if (tokens !== undefined) {
          expect(readForm(form).get('refresh_token')).toBe(token);
          expect(['openid', 'profile']).toEqual(expect.arrayContaining(tokens.scope?.split(' ') ?? []));
        }
      }),
    );
    await expect(refresh(f, token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });
});
