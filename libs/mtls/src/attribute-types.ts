/** One kind of attribute in a name: how it is written, how it is compared, how we write it into a certificate. */
export interface AttributeType {
  readonly oid: string;
  readonly name: string;
  /** What OpenSSL prints instead. */
  readonly alias?: string;
  /** ASN.1 type used when issuing. */
  readonly encoding: 'utf8' | 'printable' | 'ia5';
}

// RFC4514-3 demands the first nine; the others occur in certificates of banks and their customers. All of them compare by caseIgnoreMatch
// or caseIgnoreIA5Match (RFC 4519, RFC5280-4.1.2.4); a type that is not listed compares exactly.
const TYPES: readonly AttributeType[] = [
  { name: 'CN', oid: '2.5.4.3', encoding: 'utf8' },
  { name: 'L', oid: '2.5.4.7', encoding: 'utf8' },
  { name: 'ST', oid: '2.5.4.8', encoding: 'utf8' },
  { name: 'O', oid: '2.5.4.10', encoding: 'utf8' },
  { name: 'OU', oid: '2.5.4.11', encoding: 'utf8' },
  { name: 'C', oid: '2.5.4.6', encoding: 'printable' },
  { name: 'STREET', oid: '2.5.4.9', encoding: 'utf8' },
  { name: 'DC', oid: '0.9.2342.19200300.100.1.25', encoding: 'ia5' },
  { name: 'UID', oid: '0.9.2342.19200300.100.1.1', encoding: 'utf8' },
  { name: 'SN', oid: '2.5.4.4', encoding: 'utf8' },
  { name: 'serialNumber', oid: '2.5.4.5', encoding: 'printable' },
  { name: 'title', oid: '2.5.4.12', encoding: 'utf8' },
  { name: 'businessCategory', oid: '2.5.4.15', encoding: 'utf8' },
  { name: 'postalCode', oid: '2.5.4.17', encoding: 'utf8' },
  { name: 'givenName', alias: 'GN', oid: '2.5.4.42', encoding: 'utf8' },
  { name: 'organizationIdentifier', oid: '2.5.4.97', encoding: 'utf8' },
  { name: 'emailAddress', oid: '1.2.840.113549.1.9.1', encoding: 'ia5' },
];

const byOid = new Map(TYPES.map((type) => [type.oid, type]));
const byName = new Map(
  TYPES.flatMap((type) => [type.name, type.alias ?? type.name].map((name) => [name.toLowerCase(), type] as const)),
);

export function attributeTypeOf(oid: string): AttributeType | undefined {
  return byOid.get(oid);
}

/** Looks a short name up; names of attribute types are case-insensitive. [RFC4514-2.3] */
export function attributeTypeNamed(name: string): AttributeType | undefined {
  return byName.get(name.toLowerCase());
}
