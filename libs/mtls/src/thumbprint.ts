import { createHash } from 'node:crypto';

/**
 * `x5t#S256` of a certificate: base64url without padding of SHA-256 over the DER, always 43 characters.
 * Over the DER of the leaf and nothing else: not the PEM text, not the public key, not the chain file. [RFC8705-3.1]
 */
export function thumbprint(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('base64url');
}
