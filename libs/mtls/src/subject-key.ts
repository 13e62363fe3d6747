import { nameKey } from './distinguished-name.ts';
import { canonicalIp } from './ip-address.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { parseDn } from './rfc4514.ts';
import type { SubjectSelector } from './subject-selector.ts';

/**
 * The name a selector stands for as one text: a selector recognises a certificate exactly when its key is among the
 * certificate's keys. For telling whether two registrations could be met by one certificate. [RFC8705-2.1.2]
 *
 * @param selector one that {@link checkSubjectSelector} has let pass
 */
export function selectorKey({ kind, value }: SubjectSelector): string {
  switch (kind) {
    case 'subject_dn':
      return keyOf(kind, nameKey(parseDn(value)));
    case 'san_dns':
      return keyOf(kind, asciiLower(value));
    case 'san_uri':
      return keyOf(kind, value);
    case 'san_ip':
      return keyOf(kind, canonicalIp(value) ?? value);
    case 'san_email':
      return keyOf(kind, mailbox(value));
  }
}

/** The keys of every name a certificate can be recognised by. An empty subject identifies nobody. */
export function certificateKeys(certificate: PeerCertificate): readonly string[] {
  const { subject, dnsNames, uris, ipAddresses, emailAddresses } = certificate;
  return [
    ...(subject.length === 0 ? [] : [keyOf('subject_dn', nameKey(subject))]),
    ...dnsNames.map((name) => keyOf('san_dns', asciiLower(name))),
    ...uris.map((uri) => keyOf('san_uri', uri)),
    ...ipAddresses.map((address) => keyOf('san_ip', address)),
    ...emailAddresses.map((address) => keyOf('san_email', mailbox(address))),
  ];
}

const keyOf = (kind: SubjectSelector['kind'], name: string): string => `${kind}:${name}`;

const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function mailbox(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at) + asciiLower(address.slice(at));
}
