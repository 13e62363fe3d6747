import { KeyObject, X509Certificate } from 'node:crypto';
import type { DistinguishedName } from '../distinguished-name.ts';
import { toPem } from '../pem-certificates.ts';
import { bits, explicit, integer, raw, sequence, time, toDer } from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  extensions,
  keyUsage,
  ocspNoCheck,
  ocspSigningUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts';
import type { AlternativeNameRequest, Purpose } from './extensions.ts';
import { generateKey, keyIdentifier, publicKeyDer, signatureAlgorithm, signWith } from './key-pair.ts';
import type { KeyKind } from './key-pair.ts';
import { encodeName, subjectOf } from './name-encoding.ts';

/** A private key and its certificate, allowed to sign others. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  /** Own certificate first, then up to but without the root; empty for a root. What follows a leaf in a handshake. */
  readonly chain: readonly X509Certificate[];
}

export interface CertificateRequest {
  /** RFC 4514 text or structure. */
  readonly subject: string | DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Source of the serial number. */
  readonly random: (bytes: number) => Buffer;
  /** P-256 when absent; a private key object certifies that key again. */
  readonly key?: KeyKind | KeyObject;
}

export interface IntermediateRequest extends CertificateRequest {
  readonly issuer: Authority;
  /** Everything below this authority is limited to this purpose. */
  readonly purpose: Purpose;
}

export interface LeafRequest extends CertificateRequest, AlternativeNameRequest {
  readonly issuer: Authority;
  readonly purpose: Purpose;
}

/** A leaf certificate and its private key. */
export interface Leaf {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  /** The leaf, then its intermediates. */
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly keyPem: string;
}

/** Makes a self-signed root. */
export function createRoot(request: CertificateRequest): Authority {
  const key = keyFor(request);
  const certificate = signCertificate(request, key, undefined, [
    basicConstraints({}),
    keyUsage('authority'),
    subjectKeyIdentifier(keyIdentifier(key)),
  ]);
  return { certificate, key, chain: [] };
}

/** Makes an authority under a root: it issues leaves and no further authorities (path length 0), for one purpose. */
export function createIntermediate(request: IntermediateRequest): Authority {
  const { issuer, purpose } = request;
  const key = keyFor(request);
  const certificate = signCertificate(request, key, issuer, [
    basicConstraints({ pathLength: 0 }),
    keyUsage('authority'),
    extendedKeyUsage(purpose),
    subjectKeyIdentifier(keyIdentifier(key)),
    authorityKeyIdentifier(keyIdentifier(issuer.key)),
  ]);
  return { certificate, key, chain: [certificate, ...issuer.chain] };
}

/** Issues a leaf. Nothing is checked here: tests need certificates that are wrong in one respect. */
export function issueLeaf(request: LeafRequest): Leaf {
  const key = keyFor(request);
  return { ...certify({ ...request, publicKey: key }), key, keyPem: keyPemOf(key) };
}

export interface CertifyRequest extends Omit<LeafRequest, 'key'> {
  /** Of somebody who has proved to hold the private half; see `readCertificationRequest`. */
  readonly publicKey: KeyObject;
}

/** A certificate for a key that stays with its holder. [RFC5280-4.1] */
export interface Certified {
  readonly certificate: X509Certificate;
  /** The leaf, then its intermediates. */
  readonly certificatePem: string;
}

/** Certifies somebody's public key. */
export function certify(request: CertifyRequest): Certified {
  const { issuer, purpose, publicKey } = request;
  const certificate = signCertificate(request, publicKey, issuer, [
    basicConstraints(false),
    keyUsage('leaf'),
    extendedKeyUsage(purpose),
    subjectAltName(request),
    subjectKeyIdentifier(keyIdentifier(publicKey)),
    authorityKeyIdentifier(keyIdentifier(issuer.key)),
  ]);
  return { certificate, certificatePem: toPem([certificate, ...issuer.chain]) };
}

/** A key that answers for an authority whether its certificates are still good, and does nothing else. [RFC6960-4.2.2.2] */
export function issueOcspSigner(request: CertificateRequest & { readonly issuer: Authority }): Leaf {
  const { issuer } = request;
  const key = keyFor(request);
  const certificate = signCertificate(request, key, issuer, [
    basicConstraints(false),
    keyUsage('leaf'),
    ocspSigningUsage(),
    ocspNoCheck(),
    subjectKeyIdentifier(keyIdentifier(key)),
    authorityKeyIdentifier(keyIdentifier(issuer.key)),
  ]);
  return { certificate, key, certificatePem: toPem([certificate]), keyPem: keyPemOf(key) };
}

/** What somebody certifies for their own key. */
export interface SelfSignedRequest extends CertificateRequest, AlternativeNameRequest {
  readonly purpose: Purpose;
}

/**
 * Makes a certificate that nobody vouches for: good where exactly these bytes are registered. It may sign no other
 * (`openssl req -x509` would make an authority of it). [RFC8705-2.2]
 */
export function issueSelfSigned(request: SelfSignedRequest): Leaf {
  const key = keyFor(request);
  const certificate = signCertificate(request, key, undefined, [
    basicConstraints(false),
    keyUsage('leaf'),
    extendedKeyUsage(request.purpose),
    subjectAltName(request),
    subjectKeyIdentifier(keyIdentifier(key)),
  ]);
  return { certificate, key, certificatePem: toPem([certificate]), keyPem: keyPemOf(key) };
}

/** PKCS#8 PEM of a private key. */
export function keyPemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function keyFor({ key = 'P-256' }: CertificateRequest): KeyObject {
  return key instanceof KeyObject ? key : generateKey(key);
}

/** Builds the certificate body and signs it with the issuer's key, or with its own when there is no issuer. [RFC5280-4.1] */
function signCertificate(
  request: Omit<CertificateRequest, 'key'>,
  key: KeyObject,
  issuer: Authority | undefined,
  extensionList: (Asn1 | undefined)[],
): X509Certificate {
  const signer = issuer?.key ?? key;
  const subject = encodeName(request.subject);
  const body = sequence(
    explicit(0, integer(2)),
    integer(serialNumber(request.random)),
    signatureAlgorithm(signer),
    issuer === undefined ? subject : subjectOf(issuer.certificate.raw),
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    raw(publicKeyDer(key)),
    extensions(3, extensionList),
  );
  const signature = signWith(signer, toDer(body));
  return new X509Certificate(toDer(sequence(body, signatureAlgorithm(signer), bits(signature))));
}

/** 128 random bits, positive and never zero. [RFC5280-4.1.2.2] */
function serialNumber(random: (bytes: number) => Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x01), random(16)]);
}
