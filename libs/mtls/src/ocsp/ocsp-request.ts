import { explicit, sequence, toDer } from '../authority/asn1.ts';
import { CertificateError } from '../certificate-error.ts';
import { childrenOf, expectTag, readDer, TAG } from '../der.ts';
import type { DerValue } from '../der.ts';
import { encodeCertificateId, readCertificateId } from './certificate-id.ts';
import type { CertificateId } from './certificate-id.ts';
import { encodeNonce, readNonce } from './nonce.ts';

/** Somebody asks whether certificates are still good. [RFC6960-4.1] */
export interface OcspRequest {
  /** At least one, in the order asked. */
  readonly certificates: readonly CertificateId[];
  readonly nonce: Buffer | undefined;
}

const VERSION_TAG = 0xa0;
const REQUESTOR_TAG = 0xa1;
const EXTENSIONS_TAG = 0xa2;
/** Our choice, no clause: each is a signature's worth of work that anybody may ask for. */
const MOST = 10;

/**
 * Reads a request. Who asks is not looked at, nor a signature of theirs: the answer is public.
 * @throws CertificateError when it is none, or asks for too much
 */
export function readOcspRequest(der: Buffer): OcspRequest {
  const [body, ...signature] = childrenOf(expectTag(readDer(der), TAG.sequence, 'OCSP request'));
  if (signature.length > 1) throw unreadable('an OCSP request has two parts');
  const fields = childrenOf(expectTag(body, TAG.sequence, 'request body'));
  const taken = (tag: number): DerValue | undefined => (fields[0]?.tag === tag ? fields.shift() : undefined);
  // DER leaves out what is the default, and there is no other version.
  if (taken(VERSION_TAG) !== undefined) throw unreadable('version');
  taken(REQUESTOR_TAG);
  const list = childrenOf(expectTag(fields.shift(), TAG.sequence, 'request list'));
  const nonce = readNonce(taken(EXTENSIONS_TAG));
  if (fields.length > 0) throw unreadable('more than a request');
  if (list.length === 0 || list.length > MOST) throw unreadable(`asks for ${list.length} certificates`);
  const certificates = list.map((one) =>
    readCertificateId(childrenOf(expectTag(one, TAG.sequence, 'single request'))[0]),
  );
  return { certificates, nonce };
}

/** Asks about one certificate. [RFC6960-4.1] */
export function createOcspRequest({ certificate, nonce }: { certificate: CertificateId; nonce: Buffer }): Buffer {
  const list = sequence(sequence(encodeCertificateId(certificate)));
  return toDer(sequence(sequence(list, explicit(2, sequence(encodeNonce(nonce))))));
}

const unreadable = (detail: string): CertificateError => new CertificateError('unreadable', detail);
