import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damagedText } from '../testing/jws.ts';
import { isRequestUri, makeRequestUri } from './request-uri.ts';

const secret = fc.uint8Array({ minLength: 32, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64url'));

const url = fc
  .tuple(
    fc.constantFrom('https:', 'http:', 'file:', 'HTTPS:', 'data:'),
    fc.string({ unit: fc.constantFrom(...'/evil.test:?#@%'.split('')) }),
  )
  .map((parts) => parts.join('//'));

describe('a request_uri [RFC9126-2.2]', () => {
  it('is what was made of a secret', () => {
    fc.assert(
      fc.property(secret, (text) => {
        expect(isRequestUri(makeRequestUri(text))).toBe(true);
      }),
    );
  });

  it('is never anything that could be fetched, or holds another character than its secret may', () => {
    const damaged = secret.map(makeRequestUri).chain(damagedText);
    fc.assert(
      fc.property(fc.oneof(damaged, url, fc.string()), (text) => {
        if (isRequestUri(text)) expect(text).toMatch(/^urn:ietf:params:oauth:request_uri:[\w-]{43,86}$/);
        if (/^[a-z]+:\/\//i.test(text)) expect(isRequestUri(text)).toBe(false);
      }),
    );
  });
});
