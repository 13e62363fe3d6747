export { CertificateError } from './certificate-error.ts';
export { parsePeerCertificate, issuedBy, withRevocation } from './peer-certificate.ts';
export type { PeerCertificate, RevocationStatus } from './peer-certificate.ts';
export { readRevocationList } from './certificate-revocation-list.ts';
export type { CertificateRevocationList, RevokedSince } from './certificate-revocation-list.ts';
export { REVOCATION_REASONS } from './revocation-reason.ts';
export type { RevocationReason } from './revocation-reason.ts';
export type { Revocations } from './revocations.ts';
export { faultOfServer } from './server-certificate.ts';
export { withStanding } from './standing.ts';
export { liveTrust, loadLiveTrust } from './live-trust.ts';
export type { LiveTrust, LiveTrustOptions } from './live-trust.ts';
export type { PeerTrust, PurposeTrust } from './live-purpose.ts';
export { perPurpose, TRUST_PURPOSES } from './trust-state.ts';
export type { PurposeState, TrustPurpose, TrustState } from './trust-state.ts';
export { Acknowledgements } from './acknowledgements.ts';
export type { Acknowledgement, HeldCertificate } from './acknowledgements.ts';
export { TRUST_FRESHNESS } from './trust-freshness.ts';
export { issuerPin } from './issuer-pin.ts';
export type { IssuerPin } from './issuer-pin.ts';
export { thumbprint } from './thumbprint.ts';
export { sameDn } from './distinguished-name.ts';
export type { DistinguishedName, NameAttribute, RelativeDistinguishedName } from './distinguished-name.ts';
export { DistinguishedNameError, formatDn, parseDn } from './rfc4514.ts';
export { certificateKeys, selectorKey } from './subject-key.ts';
export { checkSubjectSelector, matchesSubject } from './subject-selector.ts';
export type { SubjectSelector } from './subject-selector.ts';
export {
  CertificateRefused,
  faultOfHandshake,
  judgeBoundCertificate,
  judgeClientCertificate,
} from './client-certificate.ts';
export type { CertificateReason } from './client-certificate.ts';
export { CERTIFICATE_FINDINGS } from './certificate-findings.ts';
export type { Finding, FindingCode, Text } from './certificate-findings.ts';
export { permittedDnsNames } from './name-constraints.ts';
export { chainFault, sentAlong } from './chain-fault.ts';
export type { ChainFault, TrustedHere } from './chain-fault.ts';
export { ClientCertFieldError } from './client-cert-field.ts';
export { verifyClientChain } from './client-chain.ts';
export { forwardedCertificates } from './forwarded-certificate.ts';
export type { ForwardedCertificates, ForwardedDoor, ForwardedFields } from './forwarded-certificate.ts';
export { MtlsConfigError } from './config-error.ts';
export type { Identity } from './identity.ts';
export { loadIdentity } from './identity-source.ts';
export type { IdentityFiles, IdentityOptions, IdentitySource } from './identity-source.ts';
export { loadTrust } from './trust.ts';
export type { Trust } from './trust.ts';
export type { TrustSource } from './trust-source.ts';
export { TLS_POLICY } from './tls-policy.ts';
export { browserServerTls, internalServerTls, mtlsServerTls } from './server-tls.ts';
export { clientTls } from './client-tls.ts';
export { localhostLookup } from './localhost-lookup.ts';
export type { NameResolution } from './localhost-lookup.ts';
