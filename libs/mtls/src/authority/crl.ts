import { bits, integer, sequence, time, toDer } from './asn1.ts';
import { authorityKeyIdentifier, crlNumber, extensions } from './extensions.ts';
import type { Authority } from './issue.ts';
import { keyIdentifier, signatureAlgorithm, signWith } from './key-pair.ts';
import { subjectOf } from './name-encoding.ts';

export interface CrlRequest {
  readonly issuer: Authority;
  /** Serial numbers in hex, as `PeerCertificate.serialNumber` and `X509Certificate.serialNumber` write them. */
  readonly revoked: readonly { readonly serialNumber: string; readonly at: Date }[];
  /** Counts up with every list of this issuer. */
  readonly number: number;
  readonly thisUpdate: Date;
  /** After this moment the list is worth nothing, and whoever relies on it refuses everybody. */
  readonly nextUpdate: Date;
}

/** Signs a certificate revocation list; the answer is PEM. [RFC5280-5.1] */
export function issueCrl(request: CrlRequest): string {
  const { issuer, revoked, number, thisUpdate, nextUpdate } = request;
  const entries = revoked.map(({ serialNumber, at }) => sequence(integer(Buffer.from(serialNumber, 'hex')), time(at)));
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
