import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import { CIBA } from '../../profile.ts';
import { cibaFixture, goodClaims, pingFixture } from '../../testing/ciba-client.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { anyText } from '../../testing/jws.ts';
import type { JwsClaims } from '../../wire/jws.ts';
import type { CibaDelivery } from '../clients.ts';
import type { AuthenticationParameters } from './authentication-parameters.ts';
import { checkAuthenticationParameters } from './authentication-parameters.ts';

let poll: EngineFixture;
let ping: EngineFixture;
beforeAll(async () => {
  poll = await cibaFixture();
  ping = await pingFixture();
});

/** What was understood, or undefined where it was refused; nothing else may happen. */
function check(f: EngineFixture, mode: CibaDelivery['mode'], claims: JwsClaims): AuthenticationParameters | undefined {
  try {
    const client = f.clients.get('first')!;
    return checkAuthenticationParameters(f.engine.profile, client, { ...client.ciba!, mode } as CibaDelivery, claims);
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).status).toBeLessThan(500);
    return undefined;
  }
}

const NAMES = [
  'login_hint',
  'login_hint_token',
  'id_token_hint',
  'user_code',
  'scope',
  'authorization_details',
  'binding_message',
  'acr_values',
  'requested_expiry',
  'client_notification_token',
  'request_context',
  '__proto__',
];
const value = fc.oneof(
  anyText(40),
  fc.constantFrom('', 'openid', 'openid profile', 'offline_access', 'alice', '300', '0', '-1', '1e3', '[]', '{}'),
  fc.jsonValue({ maxDepth: 2 }),
);
const changes = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 3, noNullPrototype: false });

describe('an authentication request [CIBA-CORE-7.1]', () => {
  it('is understood as it was signed and within what may be asked, or refused', () => {
    fc.assert(
      fc.property(changes, fc.subarray(NAMES, { maxLength: 2 }), (changed, left) => {
        const all = Object.entries({ ...goodClaims(poll), ...changed });
        const sent: Record<string, unknown> = Object.fromEntries(all.filter(([name]) => !left.includes(name)));
        const asked = check(poll, 'poll', sent);
        if (asked === undefined) return;
        // [CIBA-05] exactly one hint, and it is the one that was sent.
        const hints = ['login_hint', 'login_hint_token', 'id_token_hint'].filter((name) => (sent[name] ?? '') !== '');
        expect(hints).toEqual([asked.hint.kind === 'login' ? 'login_hint' : 'id_token_hint']);
        expect(asked.hint.value).toBe(sent[hints[0]!]);
        expect(asked.scopes).toContain('openid');
        expect(String(sent['scope']).split(' ')).toEqual(expect.arrayContaining([...asked.scopes]));
        expect(asked.bindingMessage).toBe(sent['binding_message']);
        expect(asked.bindingMessage.length).toBeLessThanOrEqual(CIBA.bindingMessageMaxLength);
        expect(asked.lifetime).toBeGreaterThan(0);
        expect(asked.lifetime).toBeLessThanOrEqual(CIBA.requestMaxLifetime);
        expect(sent).not.toHaveProperty('user_code');
        expect(asked.notificationToken).toBeUndefined();
      }),
    );
  });

  it('shows a person no message that hides or turns what it says', () => {
    const odd = fc.constantFrom('\u202e', '\u2066', '\u200b', '\u00ad', '\ufeff', '\n', '\t', '\0', '\u{e0041}');
    const message = fc
      .tuple(fc.string({ maxLength: 6 }), odd, fc.string({ maxLength: 6 }))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(message, (text) => {
        expect(check(poll, 'poll', { ...goodClaims(poll), binding_message: text })).toBeUndefined();
      }),
    );
  });

  it('of a client that is pinged carries a token of the right syntax and length, or is refused [RFC6750-2.1]', () => {
    const token = fc.oneof(
      anyText(60),
      fc.string({ unit: fc.constantFrom('a', 'Z', '9', '-', '.', '_', '~', '+', '/', '=', ' '), maxLength: 60 }),
    );
    fc.assert(
      fc.property(token, (text) => {
        const asked = check(ping, 'ping', { ...goodClaims(ping), client_notification_token: text });
        const sound = /^[A-Za-z0-9._~+/-]+=*$/.test(text) && text.length >= CIBA.notificationTokenMinLength;
        expect(asked?.notificationToken).toBe(sound ? text : undefined);
      }),
    );
  });

  it('lives no longer than it may, whatever was asked for [CIBA-12]', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double(), fc.bigInt().map(String), anyText(12)), (wanted) => {
        const asked = check(poll, 'poll', { ...goodClaims(poll), requested_expiry: wanted });
        const seconds = /^[1-9]\d{0,8}$/.test(String(wanted)) ? Number(wanted) : undefined;
        expect(asked?.lifetime).toBe(seconds === undefined ? undefined : Math.min(seconds, CIBA.requestMaxLifetime));
      }),
    );
  });
});
