import { describe, expect, it } from 'vitest';
import { parseUrlencoded, UrlencodedError } from './urlencoded.ts';

const parse = (text: string | Buffer) => parseUrlencoded(Buffer.from(text as string));

describe('urlencoded pairs', () => {
  it.each([
    ['a lone percent sign', 'a=%'],
    ['one hexadecimal digit', 'a=%4'],
    ['digits that are not hexadecimal', 'a=%4g'],
    ['a sign in place of a digit', 'a=%+1'],
    ['an overlong encoding', 'a=%c0%af'],
    ['a surrogate', 'a=%ed%a0%80'],
    ['a byte that starts nothing', 'a=%ff'],
    ['an encoded NUL', 'a=b%00c'],
    ['a NUL in a name', 'a%00=b'],
    ['a pair without a name', '=b'],
    ['broken bytes outside an escape', Buffer.from([0x61, 0x3d, 0xff])],
    ['more pairs than any honest request has', 'a=1&'.repeat(257)],
  ])('refuses %s [RFC6749-B]', (_what, text) => {
    expect(() => parse(text)).toThrow(UrlencodedError);
  });

  it('keeps repeated names, in order and apart [RFC6749-3.1]', () => {
    expect(parse('a=1&b=2&a=3&a[]=4')).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
      ['a[]', '4'],
    ]);
  });

  it('never makes an object of names, so that no name is special', () => {
    expect(parse('__proto__=x&constructor=y')).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it('splits at the first equals sign and reads a plus as a space', () => {
    expect(parse('a=b=c&d=e+f%2B&g&h=')).toEqual([
      ['a', 'b=c'],
      ['d', 'e f+'],
      ['g', ''],
      ['h', ''],
    ]);
  });

  it('reads UTF-8 that was not escaped, and a character of which only a part was', () => {
    expect(parse('a=ä&b=😀')).toEqual([
      ['a', 'ä'],
      ['b', '😀'],
    ]);
    expect(parse(Buffer.concat([Buffer.from('a=%c3'), Buffer.of(0xa4)]))).toEqual([['a', 'ä']]);
  });
});
