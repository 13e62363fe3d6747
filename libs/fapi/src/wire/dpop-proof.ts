import { createHash } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { epochSeconds, secondsAfter } from '../clock.ts';
import type { Reason, Show } from '../errors.ts';
import { refuse } from '../errors.ts';
import { DPOP, MAX_CLOCK_SKEW_SECONDS } from '../profile.ts';
import type { DpopNonces } from './dpop-nonce.ts';
import type { DenyProof, ProofKey } from './dpop-key.ts';
import { readProofKey } from './dpop-key.ts';
import { isSameTarget } from './dpop-target.ts';

/** What a proof has to match. */
export interface ExpectedProof {
  /** Method of the request, as sent. */
  readonly method: string;
  /**
   * Absolute URL of the request, built from a name this server knows itself by and never from the `Host` header, which
   * whoever sends the request writes. Several when the server has several names.
   */
  readonly url: string | readonly string[];
  /** The access token beside the proof: makes `ath` required, and a refusal that of a resource. */
  readonly accessToken?: string;
  /** Makes a nonce of this server required. */
  readonly nonces?: DpopNonces;
  readonly now: Date;
}

/** A proof that is right in every respect but one: whether it is used for the first time. */
export interface VerifiedProof {
  /** SHA-256 thumbprint of the proven key. RFC7638-3, RFC9449-6.1. */
  readonly jkt: string;
  readonly jti: string;
  /** Until when the `jti` must be remembered; by then the proof is too old for everybody. */
  readonly expiresAt: Date;
}

/** Where a server remembers the proofs it has seen. */
export interface ProofReplays {
  /**
   * Remembers a proof, for all replicas, in one step. Kept as a hash: the sender chooses how long a `jti` is
   * (RFC9449-11.1).
   * @returns false when it was seen before
   */
  recordProof(jkt: string, jti: string, until: Date): Promise<boolean>;
}

/**
 * Judges a DPoP proof. RFC9449-4.3. Use {@link checkProofUnused} once everything else about the request is right.
 *
 * @param proofs every `DPoP` header of the request, as sent
 * @throws OAuthError `invalid_dpop_proof` with the precise reason, or `use_dpop_nonce` with the nonce to use; a resource's
 *   refusal when an access token is expected, JSON otherwise
 */
export async function verifyDpopProof(proofs: readonly string[], expected: ExpectedProof): Promise<VerifiedProof> {
  const deny = denialAt(expected);
  const proof = onlyOne(proofs, deny);
  const key = await readProofKey(proof, deny);
  const claims = await signedClaims(proof, key, expected.now, deny);
  const jti = text(claims, 'jti', deny);
  checkRequest(claims, expected, deny);
  const issuedAt = checkIssuedAt(claims, expected.now, deny);
  // Asked last: whoever only lacks the nonce is told the nonce, and everybody else what is wrong.
  checkNonce(claims, expected);
  return { jkt: key.jkt, jti, expiresAt: secondsAfter(issuedAt, DPOP.maxAgeSeconds + MAX_CLOCK_SKEW_SECONDS) };
}

/**
 * RFC9449-11.1 [TOK-40] [RS-27]: a proof that was overheard is as good as its owner's, unless somebody remembers that it
 * was used.
 * @param show where the refusal may be shown: `resource` for a proof beside an access token
 * @throws OAuthError `invalid_dpop_proof`
 */
export async function checkProofUnused(
  replays: ProofReplays,
  { jkt, jti, expiresAt }: VerifiedProof,
  show: Show = 'json',
): Promise<void> {
  if (await replays.recordProof(jkt, jti, expiresAt)) return;
  throw refuse('invalid_dpop_proof', 'dpop_replayed', { show, evidence: { presentedKeyThumbprint: jkt } });
}

const showOf = ({ accessToken }: ExpectedProof): Show => (accessToken === undefined ? 'json' : 'resource');

function denialAt(expected: ExpectedProof): DenyProof {
  const show = showOf(expected);
  return (reason, evidence = {}) => refuse('invalid_dpop_proof', reason, { show, evidence });
}

// RFC9449-4.3-1 [RS-25]: of two proofs, a part of the server that looks at the first and a part that looks at the last
// disagree.
function onlyOne(proofs: readonly string[], deny: DenyProof): string {
  const [proof, ...more] = proofs;
  if (proof === undefined) throw deny('dpop_proof_missing');
  if (more.length > 0) throw deny('dpop_proof_repeated');
  return proof;
}

async function signedClaims(proof: string, key: ProofKey, now: Date, deny: DenyProof): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(proof, key.publicKey, {
      algorithms: [key.algorithm],
      currentDate: now,
      clockTolerance: MAX_CLOCK_SKEW_SECONDS,
    });
    return payload;
  } catch (error) {
    throw deny(reasonOf(error));
  }
}

/** jose names what failed; we keep the distinction for the audit trail and tell the caller nothing of it. */
function reasonOf(error: unknown): Reason {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'dpop_signature_invalid';
  if (error instanceof errors.JWTExpired) return 'dpop_iat_out_of_range';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') return 'dpop_iat_out_of_range';
  return 'dpop_proof_malformed';
}

function text(claims: JWTPayload, name: string, deny: DenyProof): string {
  const value = claims[name];
  if (typeof value !== 'string' || value === '') throw deny('dpop_proof_malformed', { claim: name });
  return value;
}

// RFC9449-4.3-8 [RS-28], RFC9449-4.3-9 [RS-29], RFC9449-4.3-12 [RS-30]: a proof overheard at one place is of no use at
// another, nor beside another token.
function checkRequest(claims: JWTPayload, expected: ExpectedProof, deny: DenyProof): void {
  // RFC9110-9.1: methods are case-sensitive.
  if (text(claims, 'htm', deny) !== expected.method) throw deny('dpop_method_mismatch');
  const target = text(claims, 'htu', deny);
  if (![expected.url].flat().some((url) => isSameTarget(target, url))) throw deny('dpop_url_mismatch');
  if (expected.accessToken === undefined) return;
  if (claims['ath'] !== tokenHash(expected.accessToken)) throw deny('dpop_token_hash_mismatch');
}

const tokenHash = (token: string): string => createHash('sha256').update(token, 'ascii').digest('base64url');

// RFC9449-4.3-11 [RS-27], FAPI2-SP-FINAL-5.3.2.1-13 [TOK-38]: a moment ahead is a clock, more is a proof made to be used
// later.
function checkIssuedAt({ iat }: JWTPayload, now: Date, deny: DenyProof): Date {
  if (typeof iat !== 'number') throw deny('dpop_proof_malformed', { claim: 'iat' });
  const age = epochSeconds(now) - iat;
  if (age < -MAX_CLOCK_SKEW_SECONDS || age > DPOP.maxAgeSeconds)
    throw deny('dpop_iat_out_of_range', { age: `${age} s` });
  return new Date(iat * 1000);
}

// RFC9449-8 [TOK-39], RFC9449-9 [RS-31]: the refusal brings the nonce that the next proof is to carry.
function checkNonce(claims: JWTPayload, expected: ExpectedProof): void {
  const { nonces, now } = expected;
  if (nonces === undefined) return;
  const { nonce } = claims;
  if (typeof nonce === 'string' && nonces.accepts(nonce, now)) return;
  const reason = nonce === undefined ? 'dpop_nonce_missing' : 'dpop_nonce_wrong';
  throw refuse('use_dpop_nonce', reason, { show: showOf(expected), dpopNonce: nonces.issue(now) });
}
