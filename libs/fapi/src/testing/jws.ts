import { createHmac, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import fc from 'fast-check';

/** A part of a JWS: an object, or JSON as somebody chose to write it. */
export type JwsPart = object | string;

export const encodePart = (part: JwsPart): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** Signs whatever it is given, without asking whether the header says so: ES256 with an EC key, PS256 with RSA, EdDSA with Ed25519. */
export function signJws(key: KeyObject, header: JwsPart, payload: JwsPart): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  return `${input}.${signatureOf(key, Buffer.from(input)).toString('base64url')}`;
}

function signatureOf(key: KeyObject, input: Buffer): Buffer {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
    case 'rsa':
      return sign('sha256', input, { key, padding: 6, saltLength: 32 });
    default:
      return sign(null, input, key);
  }
}

/** HS256 under any secret, a public key among them. RFC8725-2.1. */
export function macJws(secret: string | Buffer, header: JwsPart, payload: JwsPart): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const PIECES = ['.', '=', '==', '\n', ' ', '\t', '+', '/', '-', '_', 'A', 'e30', 'é', '\0', '%3D', '~'];

/** Any characters, halves of a pair among them. */
export const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.nat(0x10ffff).map((point) => String.fromCodePoint(point)), maxLength });

/** The text after it was damaged in up to three places: never the text itself. */
export function damagedText(text: string): fc.Arbitrary<string> {
  const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split(''));
  // Ends of parts are where readers differ, so they are hit more often than their share.
  const ends = [...text.matchAll(/\.|$/g)].flatMap(({ index }) => [index - 1, index, index + 1]);
  const place = fc.oneof(fc.nat(text.length), fc.constantFrom(0, ...ends));
  const edit = fc.tuple(
    place,
    fc.constantFrom(0, 0, 1, 1, 1, 2, 40),
    fc.oneof(fc.constant(''), letter, fc.constantFrom(...PIECES)),
  );
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) => edits.reduce((now, [at, length, piece]) => now.slice(0, at) + piece + now.slice(at + length), text))
    .filter((damaged) => damaged !== text);
}

/** What may stand in a JOSE header and should not, in any mixture. RFC7515-4.1, RFC8725-2. */
export const hostileHeader: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    alg: fc.constantFrom<unknown>(
      'ES256',
      'none',
      'None',
      '',
      'HS256',
      'RS256',
      'PS256',
      'ES384',
      'EdDSA',
      'Ed25519',
      'es256',
      'ES256K',
      null,
      1,
      ['ES256'],
      'RSA-OAEP',
      'dir',
    ),
    kid: fc.oneof(
      fc.constantFrom<unknown>(
        'key-1',
        'KEY-1',
        'key-1 ',
        'key-1\0',
        '',
        '../../../dev/null',
        "' OR '1'='1",
        '__proto__',
        'constructor',
        null,
        1,
        ['key-1'],
        {},
        'x'.repeat(5_000),
      ),
      fc.string(),
    ),
    typ: fc.constantFrom<unknown>(
      'at+jwt',
      'application/at+jwt',
      'AT+JWT',
      'JWT',
      'at+jwt ',
      'dpop+jwt',
      'oauth-authz-req+jwt',
      '',
      null,
      1,
      ['at+jwt'],
    ),
    crit: fc.constantFrom<unknown>([], ['b64'], ['exp'], ['unknown'], 'b64', null, {}),
    b64: fc.constantFrom<unknown>(true, false, null, 'false'),
    jwk: fc.constantFrom<unknown>({ kty: 'oct', k: '' }, { kty: 'EC' }, null),
    jku: fc.constant('https://evil.test/jwks'),
    x5u: fc.constant('https://evil.test/x5u'),
    x5c: fc.constantFrom<unknown>([], ['MIIB'], 'MIIB'),
    zip: fc.constant('DEF'),
    cty: fc.constant('JWT'),
    'x5t#S256': fc.constant('x'.repeat(43)),
    ['__proto__']: fc.constant({ alg: 'ES256' }),
    constructor: fc.constant('x'),
  },
  { requiredKeys: [] },
);
