import { createHash, verify, X509Certificate } from 'node:crypto';
import {
  bits,
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  implicitConstructed,
  octets,
  oid,
  raw,
  sequence,
  toDer,
} from '../authority/asn1.ts';
import type { Asn1 } from '../authority/asn1.ts';
import { publicKeyBits, signatureAlgorithm, signWith } from '../authority/key-pair.ts';
import type { Authority } from '../authority/issue.ts';
import { CertificateError } from '../certificate-error.ts';
import { readTime } from '../certificate-revocation-list.ts';
import { childrenOf, expectTag, readDer, readOid, readWholeBits, TAG } from '../der.ts';
import type { DerValue } from '../der.ts';
import { REVOCATION_REASONS, reasonOf } from '../revocation-reason.ts';
import type { RevocationReason } from '../revocation-reason.ts';
import { encodeCertificateId, readCertificateId, sameCertificateId } from './certificate-id.ts';
import type { CertificateId } from './certificate-id.ts';
import { encodeNonce, readNonce } from './nonce.ts';

/** What is known of one certificate. `unknown`: nobody here has issued it. [RFC6960-2.2] */
export type OcspStatus =
  | { readonly status: 'good' | 'unknown' }
  | { readonly status: 'revoked'; readonly at: Date; readonly reason: RevocationReason };

export interface OcspAnswer {
  readonly certificates: readonly { readonly id: CertificateId; readonly status: OcspStatus }[];
  readonly nonce: Buffer | undefined;
  readonly producedAt: Date;
  /** Until when the answer may be relied on. */
  readonly nextUpdate: Date;
}

/** Who signs: the authority itself, or somebody it has issued a certificate for that alone. [RFC6960-4.2.2.2] */
export interface OcspSigner extends Pick<Authority, 'key'> {
  readonly certificate: X509Certificate;
  /** Whether the certificate has to come along. */
  readonly delegated: boolean;
}

const BASIC = '1.3.6.1.5.5.7.48.1.1';
const NONCE_EXTENSIONS_TAG = 0xa1;
const CERTIFICATES_TAG = 0xa0;
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

/** Why there is no answer. Not signed: whoever relies on it learns nothing. [RFC6960-4.2.1] */
const ERRORS = { malformedRequest: 1, internalError: 2, unauthorized: 6 } as const;

export const writeOcspError = (error: keyof typeof ERRORS): Buffer => toDer(sequence(enumerated(ERRORS[error])));

/** Signs an answer, the responder named by its key. [RFC6960-4.2.1] */
export function writeOcspResponse(answer: OcspAnswer, { key, certificate, delegated }: OcspSigner): Buffer {
  const body = sequence(
    explicit(2, octets(keyHash(certificate))),
    generalizedTime(answer.producedAt),
    sequence(...answer.certificates.map(({ id, status }) => singleResponse(id, status, answer))),
    answer.nonce === undefined ? undefined : explicit(1, sequence(encodeNonce(answer.nonce))),
  );
  const basic = sequence(
    body,
    signatureAlgorithm(key),
    bits(signWith(key, toDer(body))),
    delegated ? explicit(0, sequence(raw(certificate.raw))) : undefined,
  );
  return toDer(sequence(enumerated(0), explicit(0, sequence(oid(BASIC), octets(toDer(basic))))));
}

function singleResponse(id: CertificateId, status: OcspStatus, { producedAt, nextUpdate }: OcspAnswer): Asn1 {
  return sequence(
    encodeCertificateId(id),
    encodeStatus(status),
    generalizedTime(producedAt),
    explicit(0, generalizedTime(nextUpdate)),
  );
}

function encodeStatus(status: OcspStatus): Asn1 {
  if (status.status !== 'revoked') return implicit(status.status === 'good' ? 0 : 2, Buffer.alloc(0));
  const { at, reason } = status;
  const why = reason === 'unspecified' ? [] : [explicit(0, enumerated(REVOCATION_REASONS[reason]))];
  return implicitConstructed(1, generalizedTime(at), ...why);
}

/** KeyHash is SHA-1 by the letter, over the public key alone. [RFC6960-4.2.1] */
const keyHash = ({ publicKey }: X509Certificate): Buffer =>
  createHash('sha1').update(publicKeyBits(publicKey)).digest();

/** What an answer must be to be believed. */
export interface ExpectedAnswer {
  readonly certificate: CertificateId;
  readonly issuer: X509Certificate;
  /** That of the request: an answer without it may be an old one, from before the revocation. */
  readonly nonce: Buffer;
  readonly now: Date;
}

/** Clocks differ. Milliseconds, our choice, no clause. */
const TOLERANCE = 60_000;

/**
 * Reads an answer and verifies it: signed by the issuer or by somebody it entitled, for the certificate that was asked about, with
 * the nonce of the question, in force now. [RFC6960-3.2]
 * @throws CertificateError for anything else, an error of the responder included
 */
export function readOcspResponse(der: Buffer, expected: ExpectedAnswer): OcspStatus {
  const [body, algorithm, signature, certificates, ...more] = childrenOf(basicResponse(der));
  if (body === undefined || algorithm === undefined || more.length > 0)
    throw unreadable('a basic response has four parts');
  const { responder, responses, nonce } = readBody(body);
  const signer = signerOf(responder, certificates, expected);
  if (!verify('sha256', body.der, signer.publicKey, readWholeBits(signature, 'signature')))
    throw unreadable('the answer is not signed by its responder');
  if (nonce?.equals(expected.nonce) !== true) throw unreadable('the answer is not to this question');
  const found = responses.find(({ id }) => sameCertificateId(id, expected.certificate));
  if (found === undefined) throw unreadable('the answer is about other certificates');
  const now = expected.now.getTime();
  if (found.thisUpdate.getTime() > now + TOLERANCE || found.nextUpdate.getTime() <= now)
    throw unreadable('the answer is not of this moment');
  return found.status;
}

function basicResponse(der: Buffer): DerValue {
  const [status, wrapped, ...more] = childrenOf(expectTag(readDer(der), TAG.sequence, 'OCSP response'));
  const code = expectTag(status, TAG.enumerated, 'response status').content;
  if (!code.equals(Buffer.of(0)) || more.length > 0)
    throw unreadable(`the responder has no answer (${code.toString('hex')})`);
  const [bytes] = childrenOf(expectTag(wrapped, 0xa0, 'response bytes'));
  const [type, response] = childrenOf(expectTag(bytes, TAG.sequence, 'response bytes'));
  if (readOid(type) !== BASIC) throw unreadable('a response of a type we do not know');
  return expectTag(readDer(expectTag(response, TAG.octetString, 'response').content), TAG.sequence, 'basic response');
}

function readBody(body: DerValue) {
  const [responder, producedAt, list, extensions, ...more] = childrenOf(expectTag(body, TAG.sequence, 'response data'));
  if (more.length > 0) throw unreadable('more than response data');
  readTime(producedAt);
  const [hash] = childrenOf(expectTag(responder, 0xa2, 'responder by key'));
  return {
    responder: expectTag(hash, TAG.octetString, 'key hash').content,
    responses: childrenOf(expectTag(list, TAG.sequence, 'responses')).map(readSingle),
    nonce: extensions === undefined ? undefined : readNonce(expectTag(extensions, NONCE_EXTENSIONS_TAG, 'extensions')),
  };
}

function readSingle(response: DerValue) {
  const [id, status, thisUpdate, nextUpdate] = childrenOf(expectTag(response, TAG.sequence, 'single response'));
  // Without an end an answer would be good for ever.
  const [end] = childrenOf(expectTag(nextUpdate, 0xa0, 'next update'));
  return {
    id: readCertificateId(id),
    status: readStatus(status),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: readTime(end),
  };
}

function readStatus(value: DerValue | undefined): OcspStatus {
  switch (value?.tag) {
    case 0x80:
      return { status: 'good' };
    case 0x82:
      return { status: 'unknown' };
    case 0xa1: {
      const [at, why] = childrenOf(value);
      const [code] = why === undefined ? [] : childrenOf(expectTag(why, 0xa0, 'reason'));
      const number = code === undefined ? 0 : expectTag(code, TAG.enumerated, 'reason').content[0];
      return { status: 'revoked', at: readTime(at), reason: reasonOf(number) };
    }
    default:
      throw unreadable('a status we do not know');
  }
}

/** The issuer itself, or a certificate that came along, issued directly by it, in force and for this alone. [RFC6960-4.2.2.2] */
function signerOf(responder: Buffer, wrapper: DerValue | undefined, { issuer, now }: ExpectedAnswer): X509Certificate {
  if (keyHash(issuer).equals(responder)) return issuer;
  const [list] = wrapper === undefined ? [] : childrenOf(expectTag(wrapper, CERTIFICATES_TAG, 'certificates'));
  const along =
    list === undefined ? [] : childrenOf(expectTag(list, TAG.sequence, 'certificates')).map(readCertificate);
  const delegate = along.find((one) => keyHash(one).equals(responder));
  const entitled =
    delegate?.verify(issuer.publicKey) === true &&
    delegate.checkIssued(issuer) &&
    !delegate.ca &&
    (delegate.keyUsage as string[] | undefined)?.includes(OCSP_SIGNING) === true &&
    now >= delegate.validFromDate &&
    now <= delegate.validToDate;
  if (!entitled) throw unreadable('the responder is not entitled to answer for this authority');
  return delegate;
}

function readCertificate({ der }: DerValue): X509Certificate {
  try {
    const certificate = new X509Certificate(der);
    // A key of no known kind throws only when it is looked at.
    if (certificate.publicKey.type === 'public') return certificate;
  } catch (cause) {
    throw new CertificateError('unreadable', 'OpenSSL cannot read a certificate in it', { cause });
  }
  throw unreadable('a certificate without a public key');
}

const unreadable = (detail: string): CertificateError => new CertificateError('unreadable', detail);
