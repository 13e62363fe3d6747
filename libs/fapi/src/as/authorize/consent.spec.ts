import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { ALICE, authorize, BANK, engineFixture, push } from '../../testing/engine-fixture.ts';
import { askForConsent } from './consent.ts';
import { takeUpRequest } from './take-up.ts';

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture();
});

describe('the question', () => {
  it('shows client, scopes and details exactly as they were pushed [FAPI2-SP-FINAL-5.3.2.2-13] [AUTH-32]', async () => {
    const { request_uri: requestUri } = await push(f);
    const pending = await takeUpRequest(f.engine, [
      ['client_id', 'first'],
      ['request_uri', requestUri],
    ]);
    const question = await askForConsent(f.engine, pending, ALICE, f.clock.now());
    expect(question).toMatchObject({
      client: { id: 'first', name: 'Client first' },
      redirectUri: 'https://first.test/callback',
      scopes: ['openid', 'profile'],
      details: [{ type: 'account_information', actions: ['list_accounts', 'read_balances'], locations: [BANK] }],
    });
  });
});

describe('a code', () => {
  it('holds at least 128 random bits, and never the same [FAPI2-SP-FINAL-5.4.1-4] [AUTH-16]', async () => {
    const codes = [(await authorize(f)).code, (await authorize(f)).code];
    // Base64url: six bits a character.
    for (const code of codes) expect(code).toMatch(/^[\w-]{22,}$/);
    expect(codes[0]).not.toBe(codes[1]);
  });
});
