import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { checkScope, formatScope } from './scope.ts';

const ALLOWED = ['openid', 'profile', 'x:y'];
const text = fc.array(fc.constantFrom(...ALLOWED, 'OPENID', 'open', 'payments', ' ', '  ', '\t', '\xa0', ',', ''), {
  maxLength: 6,
});

describe('a scope [RFC6749-3.3]', () => {
  it('is refused unless it is allowed scopes with one space between them', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text.map((parts) => parts.join('')),
          text.map((parts) => parts.join(' ')),
        ),
        (scope) => {
          const good = /^(openid|profile|x:y)( (openid|profile|x:y))*$/.test(scope);
          if (good) expect(new Set(checkScope(scope, ALLOWED, 'scope_not_allowed'))).toEqual(new Set(scope.split(' ')));
          else expect(() => checkScope(scope, ALLOWED, 'scope_not_allowed')).toThrow(OAuthError);
        },
      ),
    );
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.subarray(ALLOWED, { minLength: 1 }), (scopes) => {
        expect(checkScope(formatScope(scopes), ALLOWED, 'scope_not_allowed')).toEqual(scopes);
      }),
    );
  });
});
