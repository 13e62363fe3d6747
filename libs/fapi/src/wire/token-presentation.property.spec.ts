import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { anyText } from '../testing/jws.ts';
import { presentedToken } from './token-presentation.ts';
import type { PresentedToken } from './token-presentation.ts';

/** The token that was read, or undefined where it was refused; nothing else may happen. */
function read(authorization: readonly string[], url: string): PresentedToken | undefined {
  try {
    return presentedToken(authorization, url);
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).show).toBe('resource');
    return undefined;
  }
}

const piece = fc.constantFrom(
  'Bearer',
  'bearer',
  'DPoP',
  'Basic',
  ' ',
  '  ',
  '\t',
  ',',
  '=',
  '==',
  'abc',
  'a.b.c',
  '"',
  ';',
  '\xa0',
  '\x0b',
  '\u3000',
  '\ufeff',
  'é',
  '~',
  '+/',
);
const header = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
  fc.tuple(piece, piece, piece).map((parts) => `Bearer ${parts.join('')}`),
  fc.tuple(piece, piece).map((parts) => `DPoP ${parts.join('')}`),
  anyText(12),
);
const url = fc.oneof(
  fc.constant('/accounts'),
  fc
    .array(fc.constantFrom('/', '?', '&', '=', 'access_token', 'ACCESS_TOKEN', 'access%5Ftoken', 'a', '%', '#', '+'), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
);

describe('the access token of a request [RFC6750-2.1] [RFC9449-7.1]', () => {
  it('is what follows the scheme in the one header, and everything else is refused', () => {
    fc.assert(
      fc.property(header, (sent) => {
        // RFC9110-11.4, RFC9110-11.2, RFC9110-5.6.3: the grammar written down a second time.
        const [, scheme = '', token] = /^[ \t]*(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)[ \t]*$/i.exec(sent) ?? [];
        const presented = { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
        expect(read([sent], '/accounts')).toEqual(token === undefined ? undefined : presented);
      }),
    );
  });

  it('is none when there is no header, or more than one [RFC6750-2]', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 4 }), (sent) => {
        if (sent.length !== 1) expect(read(sent, '/accounts')).toBeUndefined();
      }),
    );
  });

  it('is none when the query has one too, however its name is written [FAPI2-SP-FINAL-5.3.4-2]', () => {
    fc.assert(
      fc.property(url, (target) => {
        // The library that reads it takes away a second question mark, and so does this one.
        const query = /\?\??(.*)/.exec(target)?.[1] ?? '';
        const inQuery = query
          .split('&')
          .some((pair) => /^access(_|%5f)token(=|$)/i.test(pair) && /^access/.test(pair) && /token/.test(pair));
        expect(read(['Bearer abc'], target)?.token).toBe(inQuery ? undefined : 'abc');
      }),
    );
  });

  it('takes no more than its time in the largest header', () => {
    const unit = fc.string({ unit: fc.constantFrom(...'a =Bearer\t,~'.split(''), '\xa0'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom('', 'Bearer ', 'Bearer'),
        unit,
        fc.constantFrom('', '!', '=a'),
        (start, part, end) => {
          read([start + part.repeat((16 * 1024) / part.length) + end], '/accounts');
        },
      ),
      { numRuns: 30 },
    );
  });
});
