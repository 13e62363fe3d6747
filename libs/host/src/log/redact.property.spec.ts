import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redactText } from './redact.ts';

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const random = (least: number) => fc.uint8Array({ minLength: least, maxLength: 96 }).map(base64url);
/** A compact JWS as our own signer writes them. */
const token = fc
  .tuple(fc.constantFrom('ES256', 'PS256', 'none'), random(32), random(64))
  .map(([alg, payload, signature]) => `${base64url(Buffer.from(JSON.stringify({ alg })))}.${payload}.${signature}`);
const around = fc.string({ maxLength: 30 });

describe('what is written down', () => {
  it('never holds a JWT, whatever stands around it', () => {
    fc.assert(
      fc.property(around, token, around, (before, jwt, after) => {
        const text = redactText(before + jwt + after);
        for (const part of jwt.split('.')) expect(text).not.toContain(part);
      }),
    );
  });

  it('never holds a long value of a URL’s query, whatever the parameter is called', () => {
    const name = fc.stringMatching(/^[a-z_]{1,20}$/);
    fc.assert(
      fc.property(name, random(16), random(16), (parameter, value, other) => {
        const text = redactText(`GET https://a.example/cb?${parameter}=${value}&x=${other} answered`);
        expect(text).not.toContain(value);
        expect(text).not.toContain(other);
        expect(text).toContain('https://a.example/cb?');
      }),
    );
  });

  it('never holds what is called a secret, however the name is written and however deep', () => {
    const secretName = fc.constantFrom(
      ...['access_token', 'accessToken', 'refresh-token', 'ID_TOKEN', 'client_secret', 'clientAssertion'],
      ...['code', 'code_verifier', 'Authorization', 'Cookie', 'set-cookie', 'password', 'keyPem', 'privateKey', 'DPoP'],
      ...['request_uri', 'state', 'key'],
    );
    const depth = fc.nat({ max: 4 });
    fc.assert(
      fc.property(secretName, random(8), depth, (name, value, levels) => {
        // Under `code` the name of an error is shown. A code of 256 random bits looks like one less than once in 10^10 times.
        fc.pre(name !== 'code' || !/^([A-Z0-9_]+|[a-z_]+)$/.test(value));
        let fields: unknown = { [name]: value };
        for (let i = 0; i < levels; i++) fields = i % 2 === 0 ? { inner: fields } : [fields];
        expect(JSON.stringify(redact(fields))).not.toContain(value);
      }),
    );
  });

  it('takes no more than its time', () => {
    const unit = fc.constantFrom(
      'Bearer ',
      ' ',
      'code=',
      '?a=',
      '&',
      '-----BEGIN ',
      'A',
      'eyJabcdef',
      '.',
      'token',
      '-',
      '_',
    );
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 4 }), (units) => {
        redactText(units.join('').repeat(20_000));
      }),
      { numRuns: 30 },
    );
  });
});
