import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { redact, REDACTED, redactText } from './redact.ts';

describe('what is written down', () => {
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

  it('leaves a long text as it is that begins like a token over and over, without taking long for it', () => {
    const text = 'eyJabcdef'.repeat(20_000);
    const before = process.cpuUsage();
    expect(redactText(text)).toBe(text);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
    expect(redactText(`${text}.e30.`)).toBe(REDACTED);
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
