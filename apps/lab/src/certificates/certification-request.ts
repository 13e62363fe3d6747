import type { KeyObject } from 'node:crypto';
import { createPublicKey, sign } from 'node:crypto';
import { bits, decode, encode, integer, octets, oid, sequence, set, tagged } from './der.ts';
import type { NamedParty } from './subject.ts';
import { SUBJECT_ALTERNATIVE_NAME } from './subject.ts';

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** A PKCS#10 request in DER: these names for this key, signed by it. RFC2986-4, RFC2985-5.4.2 */
export function certificationRequest({ subject, alternativeNames }: NamedParty, key: KeyObject): Buffer {
  const wish =
    alternativeNames === undefined ? [] : [sequence(oid(SUBJECT_ALTERNATIVE_NAME), octets(alternativeNames))];
  const attributes = wish.length === 0 ? [] : [sequence(oid(EXTENSION_REQUEST), set(sequence(...wish)))];
  const publicKey = decode(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  const info = sequence(integer(Uint8Array.of(0)), subject, publicKey, tagged(0, ...attributes));
  return encode(sequence(info, ECDSA_WITH_SHA256, bits(sign('sha256', encode(info), key))));
}
