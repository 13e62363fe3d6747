import { timingSafeEqual } from 'node:crypto';
import type { PeerCertificate } from '@holdfast/mtls';
import { refuse } from '../errors.ts';

/** The `cnf` claim of a certificate-bound token. RFC8705-3.1. */
export interface Confirmation {
  readonly 'x5t#S256': string;
}

/** The confirmation that binds a token to this certificate. RFC8705-3.1: SHA-256 over the DER, base64url, unpadded. */
export function confirmationFor(peer: PeerCertificate): Confirmation {
  return { 'x5t#S256': peer.thumbprint };
}

/**
 * RFC8705-3: the token is good only on a connection that is authenticated with the certificate it was issued to. A stolen
 * token is valid in every other respect, so this is the line that stops the thief, and the only one of its kind.
 *
 * A token without confirmation is refused (FAPI2-SP-FINAL-5.3.4-5): `if (cnf) check()` would let an unbound token pass.
 *
 * @throws OAuthError `invalid_token` with both thumbprints in its evidence
 */
export function checkConfirmation(cnf: unknown, peer: PeerCertificate): void {
  const expected = thumbprintIn(cnf);
  if (expected === undefined) throw refuse('invalid_token', 'token_unconfirmed');
  if (!sameText(expected, peer.thumbprint))
    throw refuse('invalid_token', 'certificate_thumbprint_mismatch', {
      evidence: { expectedThumbprint: expected, presentedThumbprint: peer.thumbprint },
    });
}

function thumbprintIn(cnf: unknown): string | undefined {
  if (typeof cnf !== 'object' || cnf === null) return undefined;
  const value = (cnf as Record<string, unknown>)['x5t#S256'];
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined;
}

// Compared without leaking how many leading characters match.
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
