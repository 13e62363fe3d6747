import type { PeerCertificate } from './peer-certificate.ts';

/** How a client's certificate is recognised: exactly one of the five of RFC8705-2.1.2, without the prefix `tls_client_auth_`. */
export interface SubjectSelector {
  readonly kind: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email';
  readonly value: string;
}

export function checkSubjectSelector(_selector: SubjectSelector): SubjectSelector {
  throw new Error('not built yet');
}
export function matchesSubject(_cert: PeerCertificate, _selector: SubjectSelector): boolean {
  throw new Error('not built yet');
}
