import { calculateJwkThumbprint, decodeProtectedHeader, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { OAuthError, Reason } from '../errors.ts';
import { DPOP } from '../profile.ts';
import { isCompactJws } from './compact-jws.ts';

/** Makes the refusal of a proof, shown where this proof was presented. */
export type DenyProof = (reason: Reason, evidence?: Readonly<Record<string, string>>) => OAuthError;

/** The key a proof brings along. Whoever signed with it holds it; whose it is, the token says. */
export interface ProofKey {
  readonly algorithm: (typeof DPOP.algorithms)[number];
  readonly publicKey: CryptoKey;
  /** RFC7638-3. Taken from the key as it was understood, so that one key has one thumbprint however it is spelt. */
  readonly jkt: string;
}

/** `typ` of a DPoP proof. RFC9449-4.2. No JWT made for anything else carries it. */
const PROOF_TYPE = 'dpop+jwt';

/** Members of a JWK that belong to its owner alone. RFC7518-6. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** Header parameters that would change which key counts, or what was signed. RFC7515-4.1, RFC7797-3. */
const REFUSED_PARAMETERS = ['crit', 'b64', 'zip', 'jku', 'x5u', 'x5c'];

/** What each algorithm's key must be. RFC7518-3.1, RFC8037-3.1. */
const KEY_KINDS = {
  ES256: { kty: 'EC', crv: 'P-256' },
  PS256: { kty: 'RSA', crv: undefined },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
} as const satisfies Record<ProofKey['algorithm'], object>;

/**
 * Reads the header of a proof: its type, its algorithm and the public key in it. RFC9449-4.2, RFC9449-4.3-4 to -7 [RS-26].
 * @throws OAuthError made with `deny`
 */
export async function readProofKey(proof: string, deny: DenyProof): Promise<ProofKey> {
  // RFC9449-4.3-2: of a `jwk` or a `jti` that stands twice, two readers take two.
  if (!isCompactJws(proof)) throw deny('dpop_proof_malformed');
  const header = decodeProtectedHeader(proof);
  if (header.typ !== PROOF_TYPE) throw deny('dpop_type_wrong');
  const odd = REFUSED_PARAMETERS.find((name) => name in header);
  if (odd !== undefined) throw deny('dpop_proof_malformed', { header: odd });
  const algorithm = allowedAlgorithm(header.alg, deny);
  const publicKey = await publicKeyIn(header.jwk, algorithm, deny);
  return { algorithm, publicKey, jkt: await calculateJwkThumbprint(publicKey) };
}

// FAPI2-SP-FINAL-5.4.1-1, RFC9449-4.3-5: signed, by a key and not by a shared secret. `none` and HS256 prove nothing.
function allowedAlgorithm(alg: unknown, deny: DenyProof): ProofKey['algorithm'] {
  const allowed = DPOP.algorithms.find((it) => it === alg);
  if (allowed === undefined) throw deny('dpop_algorithm_not_allowed');
  return allowed;
}

async function publicKeyIn(jwk: unknown, algorithm: ProofKey['algorithm'], deny: DenyProof): Promise<CryptoKey> {
  if (typeof jwk !== 'object' || jwk === null) throw deny('dpop_key_unfit', { problem: 'missing' });
  // RFC9449-4.3-7: a private key that was sent around is nobody's any more.
  if (PRIVATE_MEMBERS.some((name) => name in jwk)) throw deny('dpop_key_private');
  const { kty, crv, alg = algorithm, use = 'sig' } = jwk as JWK;
  const kind = KEY_KINDS[algorithm];
  if (kty !== kind.kty || crv !== kind.crv || alg !== algorithm || use !== 'sig')
    throw deny('dpop_key_unfit', { problem: 'for something else' });
  const key = await imported(jwk, algorithm, deny);
  checkStrength(key, deny);
  return key;
}

async function imported(jwk: JWK, algorithm: string, deny: DenyProof): Promise<CryptoKey> {
  try {
    const key = await importJWK(jwk, algorithm, { extractable: true });
    if (key instanceof Uint8Array || !key.usages.includes('verify')) throw new TypeError('verifies nothing');
    return key;
  } catch {
    throw deny('dpop_key_unfit', { problem: 'cannot be used' });
  }
}

// FAPI2-SP-FINAL-5.4.1-2: RSA keys of 2048 bits at least. RFC8017-3.1: with the exponent 1 anybody can sign.
function checkStrength({ algorithm }: CryptoKey, deny: DenyProof): void {
  if (!('modulusLength' in algorithm) || !('publicExponent' in algorithm)) return;
  const exponent = Buffer.from(algorithm.publicExponent as Uint8Array).toString('hex');
  if ((algorithm.modulusLength as number) < DPOP.minRsaBits || !(BigInt(`0x0${exponent}`) >= 3n))
    throw deny('dpop_key_unfit', { problem: 'too weak' });
}
