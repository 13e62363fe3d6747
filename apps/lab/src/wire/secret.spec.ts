import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bearer, Secret } from './secret.ts';

describe('a secret', () => {
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';
  const secret = new Secret(token);

  it('does not come out by printing, logging, joining or JSON', () => {
    const [, header] = bearer(secret);
    for (const printed of [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }),
      String(header),
    ]) {
      expect(printed).not.toContain(token.slice(0, 9));
      expect(printed).toContain('eyJhbGci…');
    }
  });

  it('shows nothing at all of a short one', () => {
    expect(String(new Secret('alice-demo'))).toBe('… (10 characters)');
  });

  it('is told to the wire alone', () => {
    expect(bearer(secret)[1].reveal()).toBe(`Bearer ${token}`);
  });
});
