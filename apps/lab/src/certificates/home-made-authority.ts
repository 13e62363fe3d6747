import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { HeldCertificate } from '../wire/caller.ts';
import type { Der } from './der.ts';
import { bits, decode, encode, integer, octets, oid, sequence, tagged, taggedBytes, utcTime, yes } from './der.ts';
import type { NamedParty } from './subject.ts';
import { party, SUBJECT_ALTERNATIVE_NAME } from './subject.ts';

/** What a certificate may be used for; `any` leaves the extended key usage out, which OpenSSL reads as "anything". */
export type Purpose = 'server' | 'client' | 'both' | 'any';

export interface Order {
  readonly names: NamedParty;
  readonly purpose: Purpose;
  /** Defaults to an hour ago. */
  readonly notBefore?: Date;
  /** Defaults to tomorrow. */
  readonly notAfter?: Date;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const SERVER_AUTH = oid('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTH = oid('1.3.6.1.5.5.7.3.2');
const EXTENDED: Readonly<Record<Purpose, readonly Der[]>> = {
  server: [SERVER_AUTH],
  client: [CLIENT_AUTH],
  both: [SERVER_AUTH, CLIENT_AUTH],
  any: [],
};
const HOUR = 3_600_000;

interface Signer {
  readonly name: Der;
  readonly key: KeyObject;
  readonly keyId: Buffer;
}

/**
 * A certificate authority anybody can make at the kitchen table: one key, one name, fifty lines of DER. Everything it
 * says is well-formed and correctly signed; the only question a server has to ask is whether it ever trusted it.
 * The control group uses one for itself, attackers use one against the real stack.
 */
export class HomeMadeAuthority {
  readonly certificatePem: string;
  readonly #signer: Signer;

  constructor(commonName: string) {
    const names = party({ commonName });
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#signer = { name: names.subject, key: privateKey, keyId: keyIdOf(publicKey) };
    this.certificatePem = certify({ names, purpose: 'any' }, publicKey, this.#signer, true);
  }

  /** Issues a certificate on a new key. */
  issue(order: Order): HeldCertificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { certificatePem: certify(order, publicKey, this.#signer, false), keyPem: pemOf(privateKey) };
  }

  /** The same with the authority's own certificate behind it: nothing is missing but somebody who trusts it. */
  issueWithChain(order: Order): HeldCertificate {
    const { certificatePem, keyPem } = this.issue(order);
    return { certificatePem: certificatePem + this.certificatePem, keyPem };
  }
}

/** A certificate that vouches for itself, with the names of whoever one likes. */
export function selfSigned(order: Order): HeldCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = { name: order.names.subject, key: privateKey, keyId: keyIdOf(publicKey) };
  return { certificatePem: certify(order, publicKey, signer, false), keyPem: pemOf(privateKey) };
}

function certify(order: Order, publicKey: KeyObject, signer: Signer, isAuthority: boolean): string {
  const tbs = sequence(
    tagged(0, integer(Uint8Array.of(2))),
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    signer.name,
    sequence(
      utcTime(order.notBefore ?? new Date(Date.now() - HOUR)),
      utcTime(order.notAfter ?? new Date(Date.now() + 24 * HOUR)),
    ),
    order.names.subject,
    decode(publicKey.export({ type: 'spki', format: 'der' })),
    tagged(3, sequence(...extensionsOf(order, publicKey, signer, isAuthority))),
  );
  const signature = sign('sha256', encode(tbs), signer.key);
  const der = encode(sequence(tbs, ECDSA_WITH_SHA256, bits(signature)));
  return `-----BEGIN CERTIFICATE-----\n${der
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`;
}

function extensionsOf(order: Order, publicKey: KeyObject, signer: Signer, isAuthority: boolean): Der[] {
  const usage = isAuthority ? bits(Uint8Array.of(0b0000_0110), 1) : bits(Uint8Array.of(0b1000_0000), 7);
  const extended = EXTENDED[order.purpose];
  return [
    sequence(oid(BASIC_CONSTRAINTS), yes(), octets(isAuthority ? sequence(yes()) : sequence())),
    sequence(oid(KEY_USAGE), yes(), octets(usage)),
    sequence(oid(SUBJECT_KEY_IDENTIFIER), octets(octets(keyIdOf(publicKey)))),
    sequence(oid(AUTHORITY_KEY_IDENTIFIER), octets(sequence(taggedBytes(0, signer.keyId)))),
    ...(extended.length === 0 ? [] : [sequence(oid(EXTENDED_KEY_USAGE), octets(sequence(...extended)))]),
    ...(order.names.alternativeNames === undefined
      ? []
      : [sequence(oid(SUBJECT_ALTERNATIVE_NAME), octets(order.names.alternativeNames))]),
  ];
}

/** 128 random bits behind an octet that keeps the number positive. RFC5280-4.1.2.2 */
function serialNumber(): Buffer {
  return Buffer.concat([Uint8Array.of(0x40), randomBytes(16)]);
}

function keyIdOf(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
