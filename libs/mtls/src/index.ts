export { CertificateError } from './certificate-error.ts';
export { parsePeerCertificate, issuedBy, withRevocation } from './peer-certificate.ts';
export type { PeerCertificate, RevocationStatus } from './peer-certificate.ts';
export { loadRevocations } from './revocations.ts';
export type { Revocations, RevocationSource } from './revocations.ts';
export { thumbprint } from './thumbprint.ts';
export { sameDn } from './distinguished-name.ts';
export type { DistinguishedName, NameAttribute, RelativeDistinguishedName } from './distinguished-name.ts';
export { DistinguishedNameError, formatDn, parseDn } from './rfc4514.ts';
export { certificateKeys, selectorKey } from './subject-key.ts';
export { checkSubjectSelector, matchesSubject } from './subject-selector.ts';
export type { SubjectSelector } from './subject-selector.ts';
export {
  CertificateRefused,
  judgeBoundCertificate,
  judgeClientCertificate,
  judgeRevocation,
} from './client-certificate.ts';
export type { CertificateReason } from './client-certificate.ts';
export { CERTIFICATE_FINDINGS } from './certificate-findings.ts';
export type { Finding, FindingCode, Text } from './certificate-findings.ts';
export { permittedDnsNames } from './name-constraints.ts';
export { chainFault, sentAlong } from './chain-fault.ts';
export type { ChainFault, TrustedHere } from './chain-fault.ts';
export { MtlsConfigError } from './config-error.ts';
export type { Identity } from './identity.ts';
export { loadIdentity } from './identity-source.ts';
export type { IdentityFiles, IdentityOptions, IdentitySource } from './identity-source.ts';
export { loadTrust } from './trust.ts';
export type { Trust } from './trust.ts';
export { TLS_POLICY } from './tls-policy.ts';
export { browserServerTls, internalServerTls, mtlsServerTls } from './server-tls.ts';
export { clientTls } from './client-tls.ts';
export { localhostLookup } from './localhost-lookup.ts';
export type { NameResolution } from './localhost-lookup.ts';
