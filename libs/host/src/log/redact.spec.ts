import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, REDACTED, redactText } from './redact.ts';

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
        let fields: unknown = { [name]: value };
        for (let i = 0; i < levels; i++) fields = i % 2 === 0 ? { inner: fields } : [fields];
        expect(JSON.stringify(redact(fields))).not.toContain(value);
      }),
    );
  });

  it('never holds a private key, not even one cut in half', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const body = pem.split('\n')[1] as string;
    expect(redactText(`read ${pem}`)).not.toContain(body);
    expect(redactText(`read ${pem.slice(0, 120)}`)).not.toContain(body.slice(0, 40));
    expect(JSON.stringify(redact({ jwk: privateKey.export({ format: 'jwk' }) }))).toBe(`{"jwk":"${REDACTED}"}`);
  });

  it.each([
    'Bearer abcdefghijk',
    'bearer abcdefghijk',
    'DPoP abcdefghijk',
    'Basic abcdefghijk=',
    'grant_type=x&code=abcdefghijk',
    'code=abcdefghijk',
    'a=1; __Host-session=abcdefghijk',
    'client_assertion=abcdefghijk',
  ])('does not hold the secret of "%s"', (text) => {
    expect(redactText(text)).not.toContain('abcdefghijk');
  });

  it('does not hold the secrets of an error, of its cause and of its own fields', () => {
    const cause = new Error('cause eyJhbGciOiJub25lIn0.e30.');
    const error = Object.assign(new Error('at /cb?code=0123456789abcdefgh', { cause }), { token: 'hidden-value' });
    const written = JSON.stringify(redact({ err: error }));
    expect(written).not.toMatch(/eyJhbGci|0123456789abcdefgh|hidden-value/);
    expect(written).toContain('"type":"Error"');
  });

  it('shows bytes by their number, ends in depth, and survives what JSON cannot hold', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(redact({ der: Buffer.from('secret') })).toEqual({ der: '[6 bytes]' });
    expect(JSON.stringify(redact(circle))).toContain('[deep]');
    expect(redact({ a: 1n, b: new Date('nonsense'), c: () => 1, d2: new Map([['x', new Set([1])]]) })).toEqual({
      a: '1',
      b: null,
      c: undefined,
      d2: { x: [1] },
    });
  });

  it('keeps what the reader needs', () => {
    const line = {
      code: 'ECONNREFUSED',
      thumbprint: 'dDuKxlO2hXGQ7oJxYBjHGqzlIeAQBqkBbNbYEBKJyVI',
      subject: 'CN=lab-first-client,O=Tidepool',
      tokenType: 'Bearer',
      client: 'tidepool',
      url: 'https://api.bank.localhost:9543/accounts?page=2',
      rpc: { code: 14 },
      error: { code: 'invalid_grant' },
    };
    expect(redact(line)).toEqual(line);
  });
});
