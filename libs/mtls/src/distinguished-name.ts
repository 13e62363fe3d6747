/** One attribute of a name, e.g. `2.5.4.3` (CN) with the text `tidepool`. */
export interface NameAttribute {
  /** Dotted object identifier. */
  readonly type: string;
  /** The value as text, or undefined when its ASN.1 type is not a readable string. */
  readonly text: string | undefined;
  /** The value as DER (tag, length, content) where it came from DER, or from the `#hex` form of a string. */
  readonly der: Buffer | undefined;
}
export type RelativeDistinguishedName = readonly NameAttribute[];
/** A name as structure, in the order of the DER (the reverse of the order RFC 4514 writes). */
export type DistinguishedName = readonly RelativeDistinguishedName[];

export class DistinguishedNameError extends Error {
  override readonly name = 'DistinguishedNameError';
}

export function formatDn(_dn: DistinguishedName): string {
  throw new Error('not built yet');
}
export function parseDn(_text: string): DistinguishedName {
  throw new Error('not built yet');
}
export function sameDn(_a: DistinguishedName, _b: DistinguishedName): boolean {
  throw new Error('not built yet');
}
