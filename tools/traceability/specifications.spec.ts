import { describe, expect, it } from 'vitest';
import { isKnownClause, titleOf, urlOf } from './specifications.ts';

describe('a clause', () => {
  it.each([
    'RFC9127-2',
    'RFC99999-1',
    'FAPI3-SP-FINAL-5.3.2.1',
    'FAPI2-SP-5.3.2.1-8',
    'OIDC-3.1',
    'RFC9126-2..2',
    'RFC9126-two',
    '__proto__-1',
    'RFC9126',
    '',
  ])('%s is not known', (clause) => {
    expect(isKnownClause(clause)).toBe(false);
  });

  it('is not known when its list has no such item', () => {
    expect(isKnownClause('FAPI2-SP-FINAL-5.3.2.1-14')).toBe(true);
    expect(isKnownClause('FAPI2-SP-FINAL-5.3.2.1-15')).toBe(false);
    expect(isKnownClause('FAPI2-SP-FINAL-5.3.2.1-0')).toBe(false);
    expect(isKnownClause('FAPI1-ADV-5.2.2-19')).toBe(false);
    expect(isKnownClause('RFC9126-2.2-1')).toBe(false);
  });

  it.each([
    ['RFC9126-2.2', 'https://www.rfc-editor.org/rfc/rfc9126.html#section-2.2'],
    ['RFC6749-A.5', 'https://www.rfc-editor.org/rfc/rfc6749.html#appendix-A.5'],
    ['OIDC-CORE-3.1.3.7', 'https://openid.net/specs/openid-connect-core-1_0.html#rfc.section.3.1.3.7'],
    ['FAPI2-SP-FINAL-5.3.2.1', 'https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.2.1'],
    ['FAPI2-SP-FINAL-5.3.2.1-8', 'https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.2.1-2.8'],
    ['FAPI2-SP-FINAL-5.3.4-5', 'https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.4-3.5'],
    ['FAPI1-ADV-5.2.2-2', 'https://openid.net/specs/openid-financial-api-part-2-1_0-final.html#rfc.section.5.2.2'],
    ['JARM-2.4', 'https://openid.net/specs/oauth-v2-jarm-final.html#section-2.4'],
  ])('%s is published at its section', (clause, url) => {
    expect(urlOf(clause)).toBe(url);
    expect(titleOf(clause)).not.toBe('');
  });
});
