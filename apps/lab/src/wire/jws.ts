import type { JsonWebKey, KeyObject } from 'node:crypto';
import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { HeldCertificate } from './caller.ts';
import { thumbprintOf } from './caller.ts';
import { Secret } from './secret.ts';

export type Json = Readonly<Record<string, unknown>>;

/** RFC7518-3; the last two are for what must be refused. */
export type JwsAlgorithm = 'ES256' | 'PS256' | 'RS256' | 'none';

/** A private key, and how it signs unless told otherwise. */
export interface SigningKey {
  readonly algorithm: JwsAlgorithm;
  readonly privateKey: KeyObject;
  /** Absent for a key that nobody has registered. */
  readonly kid?: string;
}

/** The key of a certificate; its `kid` is the certificate's thumbprint. */
export function keyOf({ certificatePem, keyPem }: HeldCertificate): SigningKey {
  const privateKey = createPrivateKey(keyPem);
  return { algorithm: algorithmOf(privateKey), privateKey, kid: thumbprintOf(certificatePem) };
}

/** A key that nobody knows. */
export function strangeKey(type: 'ec' | 'rsa' = 'ec'): SigningKey {
  const { privateKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { algorithm: algorithmOf(privateKey), privateKey };
}

const algorithmOf = ({ asymmetricKeyType }: KeyObject): JwsAlgorithm =>
  asymmetricKeyType === 'rsa' ? 'PS256' : 'ES256';

/** The public half, as it stands in a header or a key set. */
export const publicJwkOf = ({ privateKey }: SigningKey): JsonWebKey =>
  createPublicKey(privateKey).export({ format: 'jwk' });

export interface JwsOptions {
  /** Members of the header beside `alg` and `kid`; `undefined` leaves one out. */
  readonly header?: Json;
  /** Another algorithm than the key's own, for what must be refused. */
  readonly algorithm?: JwsAlgorithm;
}

/** A compact JWS. RFC7515-7.1 */
export function signJws(
  key: SigningKey,
  claims: Json,
  { header = {}, algorithm = key.algorithm }: JwsOptions = {},
): Secret {
  const head = { alg: algorithm, ...(key.kid === undefined ? {} : { kid: key.kid }), ...header };
  const input = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return new Secret(`${input}.${signature(key.privateKey, algorithm, input)}`);
}

function signature(key: KeyObject, algorithm: JwsAlgorithm, input: string): string {
  if (algorithm === 'none') return '';
  return sign('sha256', Buffer.from(input, 'ascii'), { key, ...PADDING[algorithm] }).toString('base64url');
}

const PADDING = {
  ES256: { dsaEncoding: 'ieee-p1363' },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  RS256: {},
} as const;

/** A JWT that was received. Unverified: what the server wrote is what is asked for. */
export interface ReadJwt {
  readonly header: Json;
  readonly claims: Json;
}

/** Empty when this is no JWT. */
export function readJwt(jwt: unknown): ReadJwt {
  const [header = '', claims = ''] = typeof jwt === 'string' ? jwt.split('.') : [];
  return { header: readPart(header), claims: readPart(claims) };
}

function readPart(part: string): Json {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}

/** Whether a received JWT is signed with the one published key that its `kid` names. */
export function isSignedWith(jwt: unknown, keys: readonly Json[]): boolean {
  if (typeof jwt !== 'string') return false;
  const { alg, kid } = readJwt(jwt).header;
  const jwk = keys.find((key) => kid !== undefined && key['kid'] === kid);
  if (jwk === undefined || (alg !== 'ES256' && alg !== 'PS256')) return false;
  const end = jwt.lastIndexOf('.');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const [input, signed] = [Buffer.from(jwt.slice(0, end), 'ascii'), Buffer.from(jwt.slice(end + 1), 'base64url')];
  return verify('sha256', input, { key, ...PADDING[alg] }, signed);
}
