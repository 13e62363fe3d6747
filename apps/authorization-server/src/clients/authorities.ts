import { issuerPin, parsePeerCertificate } from '@holdfast/mtls';
import type { IssuerPin, Trust, TrustSource } from '@holdfast/mtls';

type Authority = Trust['certificates'][number];

/** Worked out once for each bundle: the name is read from the DER. */
const named = new WeakMap<Trust, ReadonlyMap<string, readonly Authority[]>>();

/** Names of the authorities in the bundle in force. */
export const authorityNames = (trust: TrustSource): string[] => [...namedIn(trust.current()).keys()];

/**
 * The authority of this common name, pinned by key: the name only finds it. A rotation brings a second one of the same name into
 * the bundle and takes the first one out; each counts for as long as it is there.
 */
export const authorityNamed = (trust: TrustSource, name: string): IssuerPin =>
  issuerPin(() => namedIn(trust.current()).get(name) ?? []);

function namedIn(trust: Trust): ReadonlyMap<string, readonly Authority[]> {
  const known = named.get(trust);
  if (known !== undefined) return known;
  const byName = Map.groupBy(trust.certificates, ({ raw }) => commonName(parsePeerCertificate(raw).subject));
  named.set(trust, byName);
  return byName;
}

function commonName(subject: ReturnType<typeof parsePeerCertificate>['subject']): string {
  const attributes = subject.flat();
  return attributes.find(({ type }) => type === '2.5.4.3')?.text ?? '';
}
