import { compactVerify, decodeProtectedHeader, errors } from 'jose';
import type { CryptoKey } from 'jose';
import type { SigningAlgorithm } from '../profile.ts';
import { parseStrictJson } from '../strict-json.ts';
import { isCompactJws } from './compact-jws.ts';

/** What can be wrong with a signed object before anybody has read a claim of it. */
export type JwsFault = 'malformed' | 'algorithm_not_allowed' | 'type_wrong' | 'key_unknown' | 'signature_invalid';

/** Thrown by {@link verifyJws}; each artefact turns it into a refusal of its own. */
export class JwsRefused extends Error {
  readonly fault: JwsFault;
  constructor(fault: JwsFault) {
    super(fault);
    this.name = 'JwsRefused';
    this.fault = fault;
  }
}

export type JwsClaims = Readonly<Record<string, unknown>>;

/** What a header says about the key it was signed with. */
export interface KeyHeader {
  readonly alg: SigningAlgorithm;
  readonly kid?: string;
}

export interface JwsExpectations {
  /** RFC8725-3.1: the algorithms this artefact may be signed with; the header chooses none by itself. */
  readonly algorithms: readonly SigningAlgorithm[];
  /** RFC8725-3.11: permitted values of `typ`; `undefined` in the list permits its absence. */
  readonly types: readonly (string | undefined)[];
  /** The signer's key for this header; never taken from the header itself. */
  readonly key: (header: KeyHeader) => Promise<CryptoKey | undefined>;
  readonly maxLength: number;
}

/**
 * Verifies a compact JWS and reads its claims. RFC7515-5.2, RFC8725-3.
 *
 * `jwk`, `jku`, `x5u` and `x5c` in the header are never looked at: a forger would put his own key there.
 *
 * @throws JwsRefused with what is wrong
 */
export async function verifyJws(jws: string, expected: JwsExpectations): Promise<JwsClaims> {
  const { alg, kid } = checkHeader(jws, expected);
  const key = await expected.key({ alg, ...(kid === undefined ? {} : { kid }) });
  if (key === undefined) throw new JwsRefused('key_unknown');
  // Read strictly before, and found to be an object.
  return parseStrictJson(await verifiedPayload(jws, key, alg)) as JwsClaims;
}

function checkHeader(jws: string, { algorithms, types, maxLength }: JwsExpectations) {
  if (jws.length > maxLength || !isCompactJws(jws)) throw new JwsRefused('malformed');
  const header = decodeProtectedHeader(jws);
  const alg = algorithms.find((allowed) => allowed === header.alg);
  if (alg === undefined) throw new JwsRefused('algorithm_not_allowed');
  // RFC7515-4.1.11, RFC7797-6: no extension is understood here; `b64: false` would make two readers see two payloads.
  if ('crit' in header || 'b64' in header) throw new JwsRefused('malformed');
  if (!types.includes(normalType(header.typ))) throw new JwsRefused('type_wrong');
  const { kid } = header;
  if (kid !== undefined && typeof kid !== 'string') throw new JwsRefused('malformed');
  return { alg, kid };
}

// RFC7515-4.1.9: compared without regard to case, and `application/` may be left out.
function normalType(typ: unknown): string | undefined {
  if (typ === undefined) return undefined;
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : 'not a text';
}

async function verifiedPayload(jws: string, key: CryptoKey, alg: SigningAlgorithm): Promise<Uint8Array> {
  try {
    return (await compactVerify(jws, key, { algorithms: [alg] })).payload;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) throw new JwsRefused('signature_invalid');
    // A key that does not fit the algorithm: jose calls that the caller's mistake; here the header made it.
    if (error instanceof TypeError) throw new JwsRefused('key_unknown');
    throw new JwsRefused('malformed');
  }
}

/** A claim that holds a NumericDate, in epoch seconds; `undefined` when absent or of another kind. RFC7519-2. */
export function dateClaim(claims: JwsClaims, name: 'exp' | 'nbf' | 'iat'): number | undefined {
  const value = claims[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Whether a date claim is present but no date at all. */
export const isOddDate = (claims: JwsClaims, name: 'exp' | 'nbf' | 'iat'): boolean =>
  claims[name] !== undefined && dateClaim(claims, name) === undefined;

/** Whether `aud` names this audience, as its text or as one of a list. RFC7519-4.1.3. */
export function audienceHas(claims: JwsClaims, audience: string): boolean {
  const { aud } = claims;
  return aud === audience || (Array.isArray(aud) && aud.includes(audience));
}
