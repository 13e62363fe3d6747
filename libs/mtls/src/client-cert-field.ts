import { CertificateError } from './certificate-error.ts';
import { LARGEST_CERTIFICATE } from './peer-certificate.ts';

/** A `Client-Cert` or `Client-Cert-Chain` field that is not what RFC 9440 says it is. */
export class ClientCertFieldError extends Error {
  override readonly name = 'ClientCertFieldError';
}

/**
 * Characters of one certificate of a chain, and how many of them. Our choice, no clause: an intermediate with an RSA key of 4096
 * bits under such a key takes 2 800 characters, and a chain has one, at most two.
 */
const LONGEST_MEMBER = 8_192;
const LONGEST_CHAIN = 4;

const BYTE_SEQUENCE = /^:([A-Za-z0-9+/]+={0,2}):$/;

/**
 * The certificate in a `Client-Cert` field: one byte sequence and nothing else. Parameters, lists and a second spelling of the same
 * bytes are refused, although RFC8941-4.2.7 lets a reader overlook some: the proxy writes the field and needs none of them, so
 * whoever sends them is not the proxy. [RFC9440-2.2]
 * @returns DER, not yet known to be a certificate
 * @throws ClientCertFieldError
 * @throws CertificateError `too_large`, as for one on a connection
 */
export function readClientCert(value: string): Buffer {
  const der = readByteSequence(value);
  if (der.length > LARGEST_CERTIFICATE) throw new CertificateError('too_large', `${der.length} bytes`);
  return der;
}

function readByteSequence(value: string): Buffer {
  const base64 = BYTE_SEQUENCE.exec(value)?.[1];
  if (base64 === undefined) throw new ClientCertFieldError('not exactly one byte sequence');
  const der = Buffer.from(base64, 'base64');
  if (der.toString('base64') !== base64) throw new ClientCertFieldError('base64 in a second spelling');
  return der;
}

/**
 * The certificates in a `Client-Cert-Chain` field, in order: each certifies the one before. [RFC9440-2.3]
 * @throws ClientCertFieldError
 */
export function readClientCertChain(value: string): readonly Buffer[] {
  if (value.length > LONGEST_CHAIN * LONGEST_MEMBER) throw new ClientCertFieldError('too long');
  const members = value.split(/[ \t]*,[ \t]*/);
  if (members.length > LONGEST_CHAIN) throw new ClientCertFieldError('too many certificates');
  if (members.some(({ length }) => length > LONGEST_MEMBER)) throw new ClientCertFieldError('too long');
  return members.map(readByteSequence);
}
