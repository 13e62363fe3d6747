import type { PeerCertificate } from '@holdfast/mtls';
import { formatDn } from '@holdfast/mtls';
import type { Link } from './links.ts';
import type { Action } from './shared-details.ts';

/** What the connection page shows: facts only, nothing that opens a door. */
export interface ConnectionView {
  readonly linkedAt: Date;
  /** When the visit, and with it the link, ends at Tidepool. */
  readonly until: Date;
  /** When the permission at the bank ends; undefined when the bank did not say. */
  readonly grantedUntil: Date | undefined;
  readonly renewedAt: Date;
  readonly endedAt: Date | undefined;
  readonly actions: readonly Action[];
  /** Undefined when the bank's login service did not say. */
  readonly accountCount: number | undefined;
  /** `x5t#S256` the access token at hand was issued to; undefined when there is none. */
  readonly tokenThumbprint: string | undefined;
  readonly certificate: { readonly thumbprint: string; readonly subject: string; readonly notAfter: Date };
}

/** @param certificate the one Tidepool presents to the bank now */
export function viewConnection(link: Link, certificate: PeerCertificate): ConnectionView {
  return {
    linkedAt: link.linkedAt,
    until: link.until,
    grantedUntil: link.grantedUntil,
    renewedAt: link.renewedAt,
    endedAt: link.endedAt,
    actions: link.actions,
    accountCount: link.accountCount,
    tokenThumbprint: link.endedAt === undefined ? link.accessTokenThumbprint : undefined,
    certificate: {
      thumbprint: certificate.thumbprint,
      subject: formatDn(certificate.subject),
      notAfter: certificate.notAfter,
    },
  };
}
