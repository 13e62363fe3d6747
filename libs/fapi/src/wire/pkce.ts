import { createHash, timingSafeEqual } from 'node:crypto';
import { refuse } from '../errors.ts';
import type { Parameters } from '../form.ts';

/**
 * The challenge of an authorization request. FAPI2-SP-FINAL-5.3.2.2-5 [POL-09] [PAR-09] [PAR-10], RFC7636-4.3: S256 and
 * nothing else; `plain` and an absent method (which means `plain`) give the verifier away with the request.
 *
 * @throws OAuthError `invalid_request`
 */
export function checkCodeChallenge(form: Parameters): string {
  const challenge = form.get('code_challenge');
  if (challenge === undefined) throw refuse('invalid_request', 'code_challenge_missing');
  if (form.get('code_challenge_method') !== 'S256')
    throw refuse('invalid_request', 'code_challenge_method_unsupported');
  // RFC7636-4.2: base64url of SHA-256, which is always 43 characters.
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw refuse('invalid_request', 'code_challenge_malformed');
  return challenge;
}

/**
 * RFC7636-4.6 [TOK-15]: only whoever made the challenge knows the verifier, so a stolen code alone is worth nothing.
 * RFC7636-4.6 and FAPI2: every failure is `invalid_grant`.
 *
 * @throws OAuthError `invalid_grant`
 */
export function checkCodeVerifier(verifier: string | undefined, challenge: string): void {
  if (verifier === undefined) throw refuse('invalid_grant', 'code_verifier_missing');
  // RFC7636-4.1: 43 to 128 unreserved characters.
  if (!/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier)) throw refuse('invalid_grant', 'code_verifier_malformed');
  // Compared as text: the last character of a challenge has bits that no decoder looks at.
  const computed = Buffer.from(createHash('sha256').update(verifier, 'ascii').digest('base64url'));
  const expected = Buffer.from(challenge);
  if (computed.length !== expected.length || !timingSafeEqual(computed, expected))
    throw refuse('invalid_grant', 'code_verifier_mismatch');
}
