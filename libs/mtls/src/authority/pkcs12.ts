import { createCipheriv, createHmac, hash, pbkdf2Sync, X509Certificate } from 'node:crypto';
import { integer, implicit, explicit, nothing, octets, oid, sequence, set, text, toDer } from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import type { Leaf } from './issue.ts';

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
};

/** Our choice, no clause: the password is random, so the count only has to keep a guess from being free. */
const ITERATIONS = 10_000;

export interface Pkcs12Request {
  readonly password: string;
  /** What a browser's list of certificates shows. */
  readonly name: string;
  /** Source of salts and initialisation vectors. */
  readonly random: (bytes: number) => Buffer;
}

/**
 * A leaf with its key and chain as one password-protected file for browsers and HTTP tools: AES-256 and PBKDF2-SHA-256 for the
 * contents, HMAC-SHA-256 over all of it. forge's own writer seals with SHA-1 and knows no EC key. [RFC7292-4]
 */
export function toPkcs12(leaf: Leaf, request: Pkcs12Request): Buffer {
  if (request.password === '') throw new TypeError('a PKCS#12 file without a password is a key without a lock');
  const keyId = Buffer.from(hash('sha256', leaf.certificate.raw, 'buffer')).subarray(0, 20);
  const attributes = set(
    attribute(OID.friendlyName, text('bmp', request.name)),
    attribute(OID.localKeyId, octets(keyId)),
  );
  const [own, ...chain] = certificatesOf(leaf.certificatePem);
  const certificates = [certBag(own ?? leaf.certificate, attributes), ...chain.map((one) => certBag(one))];
  const safe = toDer(
    sequence(
      encryptedContent(sequence(...certificates), request),
      plainContent(sequence(keyBag(leaf, attributes, request))),
    ),
  );
  return toDer(sequence(integer(3), dataContent(safe), macOver(safe, request)));
}

function certificatesOf(pem: string): X509Certificate[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter((block) => block !== '')
    .map((block) => new X509Certificate(block));
}

function attribute(type: string, value: Asn1): Asn1 {
  return sequence(oid(type), set(value));
}

function certBag(certificate: X509Certificate, attributes?: Asn1): Asn1 {
  const value = sequence(oid(OID.x509Certificate), explicit(0, octets(certificate.raw)));
  return sequence(oid(OID.certBag), explicit(0, value), attributes);
}

function keyBag(leaf: Leaf, attributes: Asn1, request: Pkcs12Request): Asn1 {
  const plain = leaf.key.export({ type: 'pkcs8', format: 'der' });
  const { algorithm, encrypted } = encrypt(plain, request);
  return sequence(oid(OID.shroudedKeyBag), explicit(0, sequence(algorithm, octets(encrypted))), attributes);
}

function plainContent(value: Asn1): Asn1 {
  return dataContent(toDer(value));
}

function dataContent(content: Buffer): Asn1 {
  return sequence(oid(OID.data), explicit(0, octets(content)));
}

function encryptedContent(value: Asn1, request: Pkcs12Request): Asn1 {
  const { algorithm, encrypted } = encrypt(toDer(value), request);
  const info = sequence(oid(OID.data), algorithm, implicit(0, encrypted));
  return sequence(oid(OID.encryptedData), explicit(0, sequence(integer(0), info)));
}

/** PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC. [RFC8018-6.2] */
function encrypt(plain: Buffer, { password, random }: Pkcs12Request): { algorithm: Asn1; encrypted: Buffer } {
  const salt = random(16);
  const iv = random(16);
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256'), iv);
  const derivation = sequence(octets(salt), integer(ITERATIONS), sequence(oid(OID.hmacSha256), nothing()));
  const algorithm = sequence(
    oid(OID.pbes2),
    sequence(sequence(oid(OID.pbkdf2), derivation), sequence(oid(OID.aes256Cbc), octets(iv))),
  );
  return { algorithm, encrypted: Buffer.concat([cipher.update(plain), cipher.final()]) };
}

function macOver(content: Buffer, { password, random }: Pkcs12Request): Asn1 {
  const salt = random(16);
  const mac = createHmac('sha256', macKey(password, salt)).update(content).digest();
  const digest = sequence(sequence(oid(OID.sha256), nothing()), octets(mac));
  return sequence(digest, octets(salt), integer(ITERATIONS));
}

/** The key derivation of PKCS#12 for its MAC (id 3). With SHA-256 the key is exactly one round, so no block is carried over. [RFC7292-B.2] */
function macKey(password: string, salt: Buffer): Buffer {
  const bmpPassword = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let key = Buffer.concat([Buffer.alloc(64, 3), fill(salt), fill(bmpPassword)]);
  for (let round = 0; round < ITERATIONS; round++) key = hash('sha256', key, 'buffer');
  return key;
}

/** Repeats the bytes up to the next multiple of SHA-256's block. */
function fill(bytes: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / 64) * 64, bytes);
}
