import { createPrivateKey } from 'node:crypto';
import { compactVerify, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../profile.ts';
import { privateJwks } from '../../testing/engine-fixture.ts';
import { sideBySide, signCompact } from './sign-compact.ts';

const CLAIMS = { sub: 'alice', text: '“ü”', list: [1, { a: null }], left: undefined };
const jwks = privateJwks();

describe('a compact signature', () => {
  it.each(SIGNING_ALGORITHMS)(
    'with %s says what was signed to a verifier of somebody else [RFC7515-7.1]',
    async (alg) => {
      const jwk = jwks.find((each) => each.alg === alg)!;
      const privateKey = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
      const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = jwk;
      const publicKey = await importJWK(publicJwk, alg);
      const header = { alg, kid: 'key-1', typ: 'at+jwt' };
      // A number of an ECDSA signature begins with a zero byte once in 256 times: each length is met.
      for (let count = 0; count < (alg === 'PS256' ? 5 : 400); count++) {
        const claims = { ...CLAIMS, count };
        const verified = await compactVerify(await signCompact(header, claims, privateKey), publicKey, {
          algorithms: [alg],
        });
        expect(verified.protectedHeader).toEqual(header);
        expect(new TextDecoder().decode(verified.payload)).toBe(JSON.stringify(claims));
      }
    },
  );
});

describe('the two numbers of an ECDSA signature', () => {
  const integer = (...bytes: readonly number[]) => [0x02, bytes.length, ...bytes];
  const der = (...numbers: readonly number[][]) => Buffer.from([0x30, numbers.flat().length, ...numbers.flat()]);
  const bytes = (length: number, first: number) => [first, ...Array.from({ length: length - 1 }, () => 0x11)];
  const padded = (number: readonly number[]) => [...Array.from({ length: 32 - number.length }, () => 0), ...number];

  it.each([
    ['of full length', bytes(32, 0x7f), bytes(32, 0x01)],
    ['with a short first one', bytes(31, 0x7f), bytes(32, 0x01)],
    ['with a short second one', bytes(32, 0x7f), bytes(30, 0x01)],
    ['of one byte each', [0x01], [0x02]],
  ])('are put side by side %s [RFC7518-3.4]', (_, first, second) => {
    expect([...sideBySide(der(integer(...first), integer(...second)))]).toEqual([...padded(first), ...padded(second)]);
  });

  it('lose the zero that keeps them positive in DER [RFC7518-3.4]', () => {
    const [first, second] = [bytes(32, 0x80), bytes(32, 0xff)];
    expect([...sideBySide(der(integer(0, ...first), integer(0, ...second)))]).toEqual([...first, ...second]);
  });
});
