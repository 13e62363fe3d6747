import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { CertificateError } from '../certificate-error.ts';
import { readExtensionList } from '../certificate-structure.ts';
import { isStrong } from '../client-certificate.ts';
import { childrenOf, expectTag, readDer, readOid, readWholeBits, TAG } from '../der.ts';
import type { DerValue } from '../der.ts';
import { readName } from '../distinguished-name.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import { describeKey } from '../peer-certificate.ts';
import type { PeerKey } from '../peer-certificate.ts';
import { readAlternativeNames } from '../subject-alternative-name.ts';
import type { AlternativeNames } from '../subject-alternative-name.ts';
import { bits, implicitConstructed, integer, oid, raw, sequence, set, toDer } from './asn1.ts';
import { subjectAltName } from './extensions.ts';
import type { AlternativeNameRequest } from './extensions.ts';
import { publicKeyDer, signatureAlgorithm, signWith } from './key-pair.ts';
import { encodeName } from './name-encoding.ts';

/** Somebody asks for a certificate for a key, and has proved to hold it. Everything in it is a wish. [RFC2986-4] */
export interface CertificationRequest extends AlternativeNames {
  readonly subject: DistinguishedName;
  readonly publicKey: KeyObject;
  readonly key: PeerKey;
}

/** `unreadable`: not in strict DER. `unproven`: the signature is not by the key that is asked for. `weak_key`: too short, or of no kind we know. */
export type CertificationRequestReason = 'unreadable' | 'unproven' | 'weak_key';

/** A request for a certificate that cannot be taken; `reason` is for the audit. */
export class CertificationRequestError extends Error {
  override readonly name = 'CertificationRequestError';
  readonly reason: CertificationRequestReason;

  constructor(reason: CertificationRequestReason, detail: string, options?: ErrorOptions) {
    super(`certification request: ${detail}`, options);
    this.reason = reason;
  }
}

const ATTRIBUTES_TAG = 0xa0;
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALT_NAME = '2.5.29.17';

/** What a request may be signed with, by object identifier: SHA-1 and whatever we do not know proves nothing. */
const SIGNATURES: Readonly<Record<string, { readonly hash: string; readonly type: PeerKey['type'] }>> = {
  '1.2.840.10045.4.3.2': { hash: 'sha256', type: 'EC' },
  '1.2.840.10045.4.3.3': { hash: 'sha384', type: 'EC' },
  '1.2.840.10045.4.3.4': { hash: 'sha512', type: 'EC' },
  '1.2.840.113549.1.1.11': { hash: 'sha256', type: 'RSA' },
  '1.2.840.113549.1.1.12': { hash: 'sha384', type: 'RSA' },
  '1.2.840.113549.1.1.13': { hash: 'sha512', type: 'RSA' },
};

/**
 * Reads a PKCS#10 request and verifies that whoever made it holds the key: without that, somebody could have the key of another
 * certified under a name of his own. [RFC2986-4.2] A challenge password and other attributes than the alternative names are not
 * looked at.
 *
 * @param der exactly one request
 * @throws CertificationRequestError
 */
export function readCertificationRequest(der: Buffer): CertificationRequest {
  try {
    return read(der);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new CertificationRequestError('unreadable', error.message, { cause: error });
  }
}

function read(der: Buffer): CertificationRequest {
  const [info, algorithm, signature, ...more] = childrenOf(expectTag(readDer(der), TAG.sequence, 'request'));
  if (info === undefined || more.length > 0) throw unreadable('a request has three parts');
  const { publicKey, ...asked } = readInfo(info);
  const key = describeKey(publicKey);
  if (!isStrong(key)) throw new CertificationRequestError('weak_key', `${key.type} of ${key.bits} bits`);
  const method = SIGNATURES[readOid(childrenOf(expectTag(algorithm, TAG.sequence, 'algorithm'))[0])];
  const proof = readWholeBits(signature, 'signature');
  if (method?.type !== key.type || !verify(method.hash, info.der, publicKey, proof))
    throw new CertificationRequestError('unproven', 'the signature is not by the key in it');
  return { ...asked, publicKey, key };
}

function readInfo(info: DerValue) {
  const [version, subject, spki, attributes, ...more] = childrenOf(expectTag(info, TAG.sequence, 'request info'));
  if (more.length > 0) throw unreadable('a request info has four parts');
  if (!expectTag(version, TAG.integer, 'version').content.equals(Buffer.of(0))) throw unreadable('version');
  const extensions = readRequestedExtensions(childrenOf(expectTag(attributes, ATTRIBUTES_TAG, 'attributes')));
  return {
    subject: readName(expectTag(subject, TAG.sequence, 'subject')),
    publicKey: readPublicKey(expectTag(spki, TAG.sequence, 'public key')),
    ...readAlternativeNames(extensions.get(SUBJECT_ALT_NAME)),
  };
}

/** RFC2985-5.4.2: one value, and the attribute once: of two lists one reader takes the first and another the last. */
function readRequestedExtensions(attributes: readonly DerValue[]): ReadonlyMap<string, Buffer> {
  const requested = attributes
    .map((attribute) => childrenOf(expectTag(attribute, TAG.sequence, 'attribute')))
    .filter(([type]) => readOid(type) === EXTENSION_REQUEST);
  const [first, ...others] = requested;
  if (first === undefined) return new Map();
  const [list, ...more] = childrenOf(expectTag(first[1], TAG.set, 'requested extensions'));
  if (others.length > 0 || more.length > 0 || first.length !== 2) throw unreadable('extensions requested twice');
  return readExtensionList(expectTag(list, TAG.sequence, 'requested extensions')).extensions;
}

function readPublicKey({ der }: DerValue): KeyObject {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    // OpenSSL takes other spellings of the same key; the certificate will hold ours.
    if (key.export({ format: 'der', type: 'spki' }).equals(der)) return key;
  } catch (cause) {
    throw new CertificationRequestError('weak_key', 'OpenSSL cannot read the key', { cause });
  }
  throw unreadable('the key is not in the one spelling of DER');
}

const unreadable = (detail: string): CertificateError => new CertificateError('unreadable', detail);

export interface CertificationRequestWish {
  /** The private key; it signs the request and does not leave. */
  readonly key: KeyObject;
  /** RFC 4514 text or structure. */
  readonly subject: string | DistinguishedName;
  readonly names: AlternativeNameRequest;
}

/** Makes a PKCS#10 request, DER, signed with SHA-256 by the key it is about. [RFC2986-4] */
export function createCertificationRequest({ key, subject, names }: CertificationRequestWish): Buffer {
  const alternative = subjectAltName(names);
  const attributes = alternative === undefined ? [] : [sequence(oid(EXTENSION_REQUEST), set(sequence(alternative)))];
  const info = sequence(integer(0), encodeName(subject), raw(publicKeyDer(key)), implicitConstructed(0, ...attributes));
  return toDer(sequence(info, signatureAlgorithm(key), bits(signWith(key, toDer(info)))));
}
