import { attributeTypeOf } from '../attribute-types.ts';
import { childrenOf, readDer } from '../der.ts';
import type { DistinguishedName, NameAttribute } from '../distinguished-name.ts';
import { parseDn } from '../rfc4514.ts';
import { oid, raw, sequence, set, text } from './asn1.ts';
import type { Asn1 } from './asn1.ts';

/** A name as it stands in a certificate; text is read as RFC 4514. Values that already have a DER form keep it. */
export function encodeName(name: string | DistinguishedName): Asn1 {
  const structure = typeof name === 'string' ? parseDn(name) : name;
  return sequence(...structure.map((relative) => set(...relative.map(encodeAttribute))));
}

/** The subject of a certificate, byte for byte: an issuer name must be the very bytes of the issuer's subject. */
export function subjectOf(certificate: Buffer): Asn1 {
  const [tbs] = childrenOf(readDer(certificate));
  const subject = tbs === undefined ? undefined : childrenOf(tbs)[5];
  if (subject === undefined) throw new TypeError('not a version 3 certificate');
  return raw(subject.der);
}

function encodeAttribute({ type, text: value, der }: NameAttribute): Asn1 {
  const encoded = der === undefined ? text(attributeTypeOf(type)?.encoding ?? 'utf8', value ?? '') : raw(der);
  return sequence(oid(type), encoded);
}
