import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { readForm } from '../form.ts';
import { anyText, damagedText } from '../testing/jws.ts';
import { checkCodeChallenge, checkCodeVerifier } from './pkce.ts';

const unreserved = fc.constantFrom(...'ABCXYZabcxyz0189-._~'.split(''));
const verifier = fc.string({ unit: unreserved, minLength: 43, maxLength: 128 });
const challengeOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Whether the check lets it pass; a refusal is of the given code, and nothing else may happen. */
function passes(check: () => unknown, code: string): boolean {
  try {
    check();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).code).toBe(code);
    return false;
  }
}
const verified = (text: string | undefined, challenge: string) =>
  passes(() => checkCodeVerifier(text, challenge), 'invalid_grant');

describe('a code verifier [RFC7636-4.6]', () => {
  it('is accepted for its own challenge', () => {
    fc.assert(
      fc.property(verifier, (text) => {
        expect(verified(text, challengeOf(text))).toBe(true);
      }),
    );
  });

  it('is refused for any other challenge, and for the same one in another spelling', () => {
    const other = verifier.chain((text) => {
      const challenge = challengeOf(text);
      return fc.tuple(
        fc.constant(text),
        fc.oneof(damagedText(challenge), verifier.map(challengeOf), fc.constant(text)),
      );
    });
    fc.assert(
      fc.property(other, ([text, challenge]) => {
        expect(verified(text, challenge)).toBe(challenge === challengeOf(text));
      }),
    );
  });

  it('is refused after any change, and when it is none [RFC7636-4.1]', () => {
    const pair = verifier.chain((text) => fc.tuple(fc.constant(text), fc.oneof(damagedText(text), anyText(140))));
    fc.assert(
      fc.property(pair, ([text, damaged]) => {
        expect(verified(damaged, challengeOf(text))).toBe(false);
        // A challenge that was made of it is no excuse for its form.
        const wellFormed = /^[A-Za-z0-9\-._~]{43,128}$/.test(damaged);
        expect(verified(damaged, challengeOf(damaged))).toBe(wellFormed);
      }),
    );
  });
});

describe('a code challenge [RFC7636-4.3]', () => {
  it('is taken with S256 and 43 characters of base64url, and refused otherwise', () => {
    const challenge = fc.option(
      fc.oneof(verifier.map(challengeOf), verifier.map(challengeOf).chain(damagedText), fc.string()),
    );
    const method = fc.option(fc.constantFrom('S256', 'plain', 's256', 'S256 ', ''));
    fc.assert(
      fc.property(challenge, method, (text, how) => {
        const pairs = Object.entries({ code_challenge: text, code_challenge_method: how }).filter(
          ([, value]) => value !== null,
        );
        const form = readForm(pairs as [string, string][]);
        const good = how === 'S256' && /^[A-Za-z0-9_-]{43}$/.test(text ?? '');
        expect(passes(() => checkCodeChallenge(form), 'invalid_request')).toBe(good);
        if (good) expect(checkCodeChallenge(form)).toBe(text);
      }),
    );
  });
});
