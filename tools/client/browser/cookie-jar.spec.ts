import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.ts';

const at = (url: string): URL => new URL(url);

describe('cookies of one browser', () => {
  it('go to the host that set them and to no other', () => {
    const jar = new CookieJar();
    jar.keep(at('https://auth.localhost:9443/login'), ['a=1; Path=/; Domain=localhost']);
    expect(jar.header(at('https://auth.localhost:9443/'))).toBe('a=1');
    expect(jar.header(at('https://evil.localhost/'))).toBeUndefined();
  });

  it('go to the path they were set for', () => {
    const jar = new CookieJar();
    jar.keep(at('https://auth.localhost/visit/one'), ['own=1', 'all=2; Path=/', 'deep=3; Path=/consent']);
    expect(jar.header(at('https://auth.localhost/visit/two'))).toBe('own=1; all=2');
    expect(jar.header(at('https://auth.localhost/consent/yes'))).toBe('all=2; deep=3');
    expect(jar.header(at('https://auth.localhost/consenting'))).toBe('all=2');
  });

  it('are replaced, and end', () => {
    const jar = new CookieJar();
    const url = at('https://auth.localhost/');
    jar.keep(url, ['a=1', 'b=2', 'c=3', 'd=x=y']);
    jar.keep(url, ['a=9', 'b=; Max-Age=0', 'c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.header(url)).toBe('a=9; d=x=y');
  });
});
