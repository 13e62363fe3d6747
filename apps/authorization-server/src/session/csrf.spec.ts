import { OAuthError } from '@holdfast/fapi';
import type { FormPairs } from '@holdfast/fapi';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { checkOwnForm } from './csrf.ts';

const OWN = 'https://auth.test';
const session = { hash: 'hash', csrf: 'token-of-this-session', login: undefined };
const check = (form: FormPairs, origin?: string) => {
  checkOwnForm({ headers: origin === undefined ? {} : { origin } } as FastifyRequest, form, session, OWN);
};
const GOOD: FormPairs = [['csrf', session.csrf]];

describe('a form', () => {
  it.each([
    ['from another site', GOOD, 'https://evil.test'],
    ['from an opaque origin', GOOD, 'null'],
    ['from our host on another port', GOOD, 'https://auth.test:8443'],
    ['without the token', [], OWN],
    ['with another token', [['csrf', 'token-of-other-session']], OWN],
    ['with the token and another one', [...GOOD, ['csrf', 'other']], OWN],
  ] as [string, FormPairs, string][])('%s is refused', (_, form, origin) => {
    const attempt = () => {
      check(form, origin);
    };
    expect(attempt).toThrow(OAuthError);
    expect(attempt).toThrow(expect.objectContaining({ reason: 'form_not_ours', show: 'page' }));
  });

  it('of this very session is accepted', () => {
    check(GOOD, OWN);
    check(GOOD);
  });
});
