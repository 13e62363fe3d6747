import { constants, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningAlgorithm } from '../../profile.ts';
import type { JwsClaims } from '../../wire/jws.ts';

interface Header {
  readonly alg: SigningAlgorithm;
  readonly kid: string;
  readonly typ: string;
}

/**
 * Signs claims as a compact JWS. RFC7515-7.1.
 *
 * With node:crypto and not with `SignJWT`: WebCrypto hands each signature to another thread and back, which costs as much again.
 */
export async function signCompact(header: Header, claims: JwsClaims, privateKey: KeyObject): Promise<string> {
  const input = `${encoded(header)}.${encoded(claims)}`;
  const signature = await SIGN[header.alg](Buffer.from(input), privateKey);
  return `${input}.${signature.toString('base64url')}`;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

const signInBackground = promisify(sign);

const SIGN: Readonly<Record<SigningAlgorithm, (input: Buffer, key: KeyObject) => Buffer | Promise<Buffer>>> = {
  // A bare key: with `dsaEncoding` beside it Node takes twice as long, more than the signature itself.
  ES256: (input, key) => sideBySide(sign('sha256', input, key)),
  // RFC7518-3.5: the salt as long as the hash. RSA takes ten times as long as the others, and nobody else waits for it.
  PS256: (input, key) =>
    signInBackground('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  // RFC8037-3.1
  EdDSA: (input, key) => sign(undefined, input, key),
};

/** Bytes of each of the two numbers on P-256. */
const NUMBER = 32;

/**
 * The two numbers of a P-256 signature one after the other, each in 32 bytes. RFC7518-3.4.
 * @param der as OpenSSL makes it: `SEQUENCE { INTEGER, INTEGER }`, every length in one byte. RFC3279-2.2.3
 */
export function sideBySide(der: Buffer): Buffer {
  const firstLength = der[3] ?? 0;
  const signature = Buffer.alloc(2 * NUMBER);
  place(der.subarray(4, 4 + firstLength), signature, NUMBER);
  place(der.subarray(4 + firstLength + 2), signature, 2 * NUMBER);
  return signature;
}

/** DER has a zero before a number that would look negative, and leaves out zeros that a number begins with. */
function place(number: Buffer, signature: Buffer, end: number): void {
  const digits = number.subarray(Math.max(0, number.length - NUMBER));
  digits.copy(signature, end - digits.length);
}
