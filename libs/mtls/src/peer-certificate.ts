import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readIsAuthority } from './basic-constraints.ts';
import type { ChainFault } from './chain-fault.ts';
import { CertificateError } from './certificate-error.ts';
import { readCertificateStructure } from './certificate-structure.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { sameDn } from './distinguished-name.ts';
import { readAlternativeNames } from './subject-alternative-name.ts';
import { thumbprint } from './thumbprint.ts';

/** A certificate as a value: everything read from its DER, nothing from text printers. */
export interface PeerCertificate {
  readonly der: Buffer;
  /** `x5t#S256`: 43 characters, base64url. */
  readonly thumbprint: string;
  /** Upper-case hex. */
  readonly serialNumber: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** IPv4 dotted, IPv6 as in RFC 5952. */
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly key: PeerKey;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isCa: boolean;
  /** Object identifiers; empty when the extension is absent. */
  readonly extendedKeyUsage: readonly string[];
  /** What OpenSSL said of the chain in the handshake: undefined when it verified, else its code such as CERT_HAS_EXPIRED. */
  readonly handshakeError: string | undefined;
  /** Why no way led to a trusted authority, where somebody has looked; kept for the judgement. */
  readonly chainFault?: ChainFault | undefined;
  /** Whether its authority has taken it back, as far as is known at this moment. */
  readonly revocation: RevocationStatus;
}

export type RevocationStatus = 'good' | 'revoked' | 'unknown';

export interface PeerKey {
  readonly type: 'EC' | 'RSA' | 'Ed25519' | 'other';
  /** Size of the modulus or of the curve's field; 0 when unknown. */
  readonly bits: number;
  readonly curve?: string;
}

/** Our choice, no clause: bytes of DER, ten times an ordinary certificate. OpenSSL itself ends a handshake above 100 KiB. */
export const LARGEST_CERTIFICATE = 16_384;

const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';

/**
 * Reads a certificate a peer sent. Names are read from the DER, structure by structure; the rest is OpenSSL's reading.
 * @param handshakeError what the TLS layer said of the chain (`socket.authorizationError`), kept for the judgement
 * @param chainFault what `chainFault` found out beyond that
 * @throws CertificateError when either reader refuses the bytes
 */
export function parsePeerCertificate(
  der: Uint8Array,
  handshakeError?: string,
  chainFault?: ChainFault,
): PeerCertificate {
  if (der.length > LARGEST_CERTIFICATE) throw new CertificateError('too_large', `${der.length} bytes`);
  // A copy of its own: the caller's buffer may be reused, and the thumbprint must stay that of these bytes.
  const bytes = Buffer.from(der);
  const { subject, issuer, extensions } = readCertificateStructure(bytes);
  const x509 = readByOpenSsl(bytes);
  return Object.freeze({
    der: bytes,
    thumbprint: thumbprint(bytes),
    serialNumber: x509.serialNumber,
    subject,
    issuer,
    ...readAlternativeNames(extensions.get(SUBJECT_ALT_NAME)),
    key: describeKey(publicKeyOf(x509)),
    notBefore: x509.validFromDate,
    notAfter: x509.validToDate,
    isCa: x509.ca || readIsAuthority(extensions.get(BASIC_CONSTRAINTS)),
    // Node names the extended key usage so, and leaves it undefined when there is none, whatever its types say.
    extendedKeyUsage: (x509.keyUsage as string[] | undefined) ?? [],
    handshakeError,
    chainFault,
    // Until somebody has looked. See `withRevocation`.
    revocation: 'unknown',
  });
}

const looked = new WeakMap<PeerCertificate, Map<string, PeerCertificate>>();

/** The same certificate, together with what is known of its revocation now. */
export const withRevocation = (cert: PeerCertificate, revocation: RevocationStatus): PeerCertificate =>
  seenAs(cert, cert.handshakeError, revocation);

/** The same certificate under another verdict; one value per verdict, for what is remembered of it. */
export function seenAs(
  cert: PeerCertificate,
  handshakeError: string | undefined,
  revocation: RevocationStatus,
): PeerCertificate {
  if (cert.revocation === revocation && cert.handshakeError === handshakeError) return cert;
  const known = looked.get(cert) ?? new Map<string, PeerCertificate>();
  looked.set(cert, known);
  const verdict = `${revocation} ${handshakeError ?? ''}`;
  const seen = known.get(verdict) ?? Object.freeze({ ...cert, handshakeError, revocation });
  known.set(verdict, seen);
  return seen;
}

type Authority = Uint8Array | X509Certificate;
const vouched = new WeakMap<PeerCertificate, WeakMap<Authority, boolean>>();

/**
 * True when the key of `ca` signed this certificate: pins a client to the authority it was registered under by key, since
 * another trusted authority can write any issuer name. [RFC8705-7.4]
 *
 * A signature over these bytes by this key does not change, so a pair of values is looked at once: a connection that is kept
 * alive pays for it with its first request. What can change, the validity, is judged elsewhere on every request.
 * @param ca the certificate of the authority; its bytes must not be changed afterwards
 */
export function issuedBy(cert: PeerCertificate, ca: Authority): boolean {
  let known = vouched.get(cert);
  if (known === undefined) vouched.set(cert, (known = new WeakMap()));
  let answer = known.get(ca);
  if (answer === undefined) known.set(ca, (answer = isSignedBy(cert, ca)));
  return answer;
}

function isSignedBy(cert: PeerCertificate, ca: Authority): boolean {
  try {
    const authority = ca instanceof X509Certificate ? ca : new X509Certificate(ca);
    return authority.ca && new X509Certificate(cert.der).verify(authority.publicKey);
  } catch {
    return false;
  }
}

const selfSigned = new WeakMap<PeerCertificate, boolean>();

/** True when the certificate names itself as its issuer and is signed with its own key. Worked out once per certificate. */
export function isSelfSigned(cert: PeerCertificate): boolean {
  const known = selfSigned.get(cert);
  if (known !== undefined) return known;
  const answer = sameDn(cert.subject, cert.issuer) && isSignedByItself(cert.der);
  selfSigned.set(cert, answer);
  return answer;
}

function isSignedByItself(der: Buffer): boolean {
  try {
    const x509 = new X509Certificate(der);
    return x509.verify(x509.publicKey);
  } catch {
    return false;
  }
}

/**
 * A certificate as OpenSSL reads it.
 * @throws CertificateError when it cannot, or would read another spelling of the same bytes too
 */
export function readByOpenSsl(der: Buffer): X509Certificate {
  const x509 = parseByOpenSsl(der);
  // OpenSSL takes BER around the signed part and hands DER on: two spellings, two thumbprints, one certificate.
  if (x509.raw.equals(der)) return x509;
  throw new CertificateError('unreadable', 'not in the one spelling of DER');
}

function parseByOpenSsl(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new CertificateError('unreadable', 'OpenSSL cannot read it', { cause });
  }
}

const CURVE_BITS: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

/** What a public key is; one of no known algorithm is of no known strength. */
export function describeKey(key: KeyObject | undefined): PeerKey {
  const details = key?.asymmetricKeyDetails;
  switch (key?.asymmetricKeyType) {
    case 'ec': {
      const curve = details?.namedCurve ?? 'unnamed';
      return { type: 'EC', bits: CURVE_BITS[curve] ?? 0, curve };
    }
    case 'rsa':
    case 'rsa-pss':
      return { type: 'RSA', bits: details?.modulusLength ?? 0 };
    case 'ed25519':
      return { type: 'Ed25519', bits: 256 };
    default:
      return { type: 'other', bits: 0 };
  }
}

/** A key of an algorithm this OpenSSL does not know makes the getter throw; it is a key of no known strength. */
function publicKeyOf(x509: X509Certificate): KeyObject | undefined {
  try {
    return x509.publicKey;
  } catch {
    return undefined;
  }
}
