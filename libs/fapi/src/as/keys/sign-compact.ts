import { constants, sign } from 'node:crypto';
import type { KeyObject, SigningOptions } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningAlgorithm } from '../../profile.ts';
import type { JwsClaims } from '../../wire/jws.ts';

interface Header {
  readonly alg: SigningAlgorithm;
  readonly kid: string;
  readonly typ: string;
}

interface Method {
  readonly digest: 'sha256' | undefined;
  readonly options: SigningOptions;
}

const METHODS: Readonly<Record<SigningAlgorithm, Method>> = {
  // RFC7518-3.4: the two numbers side by side, not as DER.
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  // RFC7518-3.5: the salt as long as the hash.
  PS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } },
  // RFC8037-3.1
  EdDSA: { digest: undefined, options: {} },
};

const signInBackground = promisify(sign);

/**
 * Signs claims as a compact JWS. RFC7515-7.1.
 *
 * With node:crypto and not with `SignJWT`: WebCrypto hands each signature to another thread and back, which costs as much again.
 * RSA takes ten times as long as the others, and other requests do not wait for it.
 */
export async function signCompact(header: Header, claims: JwsClaims, privateKey: KeyObject): Promise<string> {
  const { digest, options } = METHODS[header.alg];
  const input = `${encoded(header)}.${encoded(claims)}`;
  const key = { key: privateKey, ...options };
  const signature =
    header.alg === 'PS256'
      ? await signInBackground(digest, Buffer.from(input), key)
      : sign(digest, Buffer.from(input), key);
  return `${input}.${signature.toString('base64url')}`;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
