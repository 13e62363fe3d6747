import { timingSafeEqual } from 'node:crypto';
import type { PeerCertificate } from '@holdfast/mtls';
import { refuse } from '../errors.ts';

/**
 * The `cnf` claim: what whoever presents the token has to prove. A certificate (RFC8705-3.1), a key (RFC9449-6.1), or both,
 * and then both are to be proven.
 */
export type Confirmation =
  { readonly 'x5t#S256': string; readonly jkt?: string } | { readonly 'x5t#S256'?: string; readonly jkt: string };

/** What was proven on this very request. */
export interface PresentedKeys {
  /** The certificate of the live connection, judged. */
  readonly peer: PeerCertificate | undefined;
  /** Thumbprint of the key that a verified DPoP proof was signed with. */
  readonly jkt: string | undefined;
}

/**
 * The confirmation that binds a token to these keys: to the certificate by the SHA-256 of its DER, base64url, unpadded
 * (RFC8705-3.1), to the DPoP key by its thumbprint (RFC9449-6.1).
 *
 * @throws OAuthError `invalid_request` without any key: no token is bound to nothing (FAPI2-SP-FINAL-5.3.2.1-4)
 */
export function confirmationFor({ peer, jkt }: PresentedKeys): Confirmation {
  if (peer !== undefined) return { 'x5t#S256': peer.thumbprint, ...(jkt === undefined ? {} : { jkt }) };
  if (jkt !== undefined) return { jkt };
  throw refuse('invalid_request', 'sender_constraint_missing');
}

/**
 * Reads a `cnf` claim. A token without confirmation is refused (FAPI2-SP-FINAL-5.3.4-5 [RS-13]): `if (cnf) check()` would
 * let an unbound token pass. So is one with a member that nobody here can check: it asks for more than would be proven.
 *
 * @throws OAuthError `invalid_token`
 */
export function parseConfirmation(cnf: unknown): Confirmation {
  if (typeof cnf !== 'object' || cnf === null) throw refuse('invalid_token', 'token_unconfirmed');
  const members = Object.entries(cnf);
  if (members.length === 0 || !members.every(isKnownMember)) throw refuse('invalid_token', 'token_unconfirmed');
  return cnf as Confirmation;
}

const isKnownMember = ([name, value]: [string, unknown]): boolean =>
  (name === 'x5t#S256' || name === 'jkt') && typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);

/**
 * RFC8705-3 [RS-14], RFC9449-7.1: the token is good only together with the keys it was issued to. A stolen token is valid
 * in every other respect, so this is the line that stops the thief, and the only one of its kind.
 *
 * @throws OAuthError `invalid_token` with both thumbprints in its evidence
 */
export function checkConfirmation(cnf: unknown, { peer, jkt }: PresentedKeys): void {
  const expected = parseConfirmation(cnf);
  if (expected['x5t#S256'] !== undefined) checkCertificate(expected['x5t#S256'], peer);
  if (expected.jkt !== undefined) checkKey(expected.jkt, jkt);
}

function checkCertificate(expected: string, peer: PeerCertificate | undefined): void {
  if (peer === undefined) throw refuse('invalid_token', 'certificate_missing');
  if (sameText(expected, peer.thumbprint)) return;
  throw refuse('invalid_token', 'certificate_thumbprint_mismatch', {
    evidence: { expectedThumbprint: expected, presentedThumbprint: peer.thumbprint },
  });
}

function checkKey(expected: string, presented: string | undefined): void {
  if (presented !== undefined && sameText(expected, presented)) return;
  throw refuse('invalid_token', 'dpop_key_mismatch', {
    evidence: {
      expectedKeyThumbprint: expected,
      ...(presented === undefined ? {} : { presentedKeyThumbprint: presented }),
    },
  });
}

// RFC8705-3 [RS-15]: compared without leaking how many leading characters match.
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
