import { createPublicKey, X509Certificate } from 'node:crypto';
import type { JWK } from 'jose';
import { refuse } from '../../errors.ts';
import { isFitKey } from '../client-auth/client-keys.ts';

const MAX_KEYS = 10;
/** RFC7518-6: members that are nobody's business but the client's. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Checks the keys of a registration: public, of a kind and strength that may sign here, told apart by `kid`, and with
 * certificates over the very same keys. RFC7517-4, RFC7591-2, FAPI2-SP-FINAL-5.4.1-2.
 *
 * @throws OAuthError `invalid_client_metadata`
 */
export function checkClientJwks(value: unknown): readonly JWK[] {
  if (!isRecord(value) || !Array.isArray(value['keys'])) throw unfit('not a key set');
  const keys: readonly unknown[] = value['keys'];
  if (keys.length === 0 || keys.length > MAX_KEYS) throw unfit('no key, or too many');
  const checked = keys.map(checkKey);
  const kids = checked.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(kids).size !== kids.length) throw unfit('two keys share one kid');
  return checked;
}

function checkKey(value: unknown): JWK {
  if (!isRecord(value)) throw unfit('a key is not an object');
  // A private half in a registration has been shown to everybody on its way here.
  if (PRIVATE_MEMBERS.some((member) => member in value)) throw unfit('a key with a private half');
  const jwk = value as JWK;
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string') throw unfit('a kid is not text');
  if (!isFitKey(jwk)) throw unfit('a key of an unsupported kind or strength');
  checkCertificates(jwk);
  return jwk;
}

// RFC7517-4.7: the first certificate is one over this key.
function checkCertificates({ x5c, ...jwk }: JWK): void {
  if (x5c === undefined) return;
  const [leaf] = Array.isArray(x5c) ? x5c : [];
  if (typeof leaf !== 'string' || !isCertificateOver(leaf, jwk)) throw unfit('x5c does not belong to its key');
}

function isCertificateOver(base64: string, jwk: JWK): boolean {
  try {
    const certified = new X509Certificate(Buffer.from(base64, 'base64')).publicKey;
    return certified.equals(createPublicKey({ key: { ...jwk }, format: 'jwk' }));
  } catch {
    return false;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unfit = (problem: string) =>
  refuse('invalid_client_metadata', 'client_metadata_malformed', { evidence: { member: 'jwks', problem } });
