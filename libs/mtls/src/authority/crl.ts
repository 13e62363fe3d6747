import { bits, hexInteger, integer, sequence, time, toDer } from './asn1.ts';
import { authorityKeyIdentifier, crlNumber, extensions, reasonCode } from './extensions.ts';
import type { RevocationReason } from '../revocation-reason.ts';
import type { Authority } from './issue.ts';
import { keyIdentifier, signatureAlgorithm, signWith } from './key-pair.ts';
import { subjectOf } from './name-encoding.ts';

/** One certificate that was taken back, when, and why (RFC5280-5.3.1; unspecified when absent). */
export interface RevokedEntry {
  readonly serialNumber: string;
  readonly at: Date;
  readonly reason?: RevocationReason | undefined;
}

export interface CrlRequest {
  readonly issuer: Authority;
  /** Serial numbers in hex, as `PeerCertificate.serialNumber` and `X509Certificate.serialNumber` write them. */
  readonly revoked: readonly RevokedEntry[];
  /** Counts up with every list of this issuer. */
  readonly number: number;
  readonly thisUpdate: Date;
  /** After this moment the list is worth nothing, and whoever relies on it refuses everybody. */
  readonly nextUpdate: Date;
}

/** Signs a certificate revocation list; the answer is PEM. [RFC5280-5.1] */
export function issueCrl(request: CrlRequest): string {
  const { issuer, revoked, number, thisUpdate, nextUpdate } = request;
  const entries = revoked.map(({ serialNumber, at, reason = 'unspecified' }) => {
    const why = reasonCode(reason);
    const about = why === undefined ? undefined : sequence(why);
    return sequence(hexInteger(serialNumber), time(at), about);
  });
  const body = sequence(
    integer(1),
    signatureAlgorithm(issuer.key),
    subjectOf(issuer.certificate.raw),
    time(thisUpdate),
    time(nextUpdate),
    // An empty list must be absent, not empty.
    entries.length === 0 ? undefined : sequence(...entries),
    extensions(0, [authorityKeyIdentifier(keyIdentifier(issuer.key)), crlNumber(number)]),
  );
  const signature = signWith(issuer.key, toDer(body));
  const der = toDer(sequence(body, signatureAlgorithm(issuer.key), bits(signature)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
}
