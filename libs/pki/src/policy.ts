import { isDeepStrictEqual } from 'node:util';
import { formatDn, parseDn, sameDn } from '@holdfast/mtls';
import type { DistinguishedName, PeerCertificate } from '@holdfast/mtls';
import type { CertificationRequest } from '@holdfast/mtls/authority';
import { KEY_TYPES } from './leaves.ts';
import { holderOf } from './pki-list.ts';
import type { AuthorityName, ListedLeaf, PkiList } from './pki-list.ts';

/** Why somebody does not get the certificate that was asked for; for the audit. */
export type PolicyReason =
  /** Nothing is listed for this holder. */
  | 'holder_unknown'
  /** The names are listed, but for somebody else. */
  | 'name_of_another_holder'
  /** Nobody may have these names. */
  | 'name_not_listed'
  /** Listed for this holder under another purpose than was asked for. */
  | 'purpose'
  /** Listed, but issued by hand alone. */
  | 'not_by_enrolment'
  /** Another kind of key than the list says. */
  | 'key_type';

/** A certificate is not issued. */
export class PolicyRefused extends Error {
  override readonly name = 'PolicyRefused';
  readonly reason: PolicyReason;
  readonly evidence: Readonly<Record<string, string>>;

  constructor(reason: PolicyReason, evidence: Readonly<Record<string, string>>) {
    super(reason);
    this.reason = reason;
    this.evidence = evidence;
  }
}

/** A line of the list: `bank/api` and what it says. */
export interface NamedLeaf {
  readonly name: string;
  readonly leaf: ListedLeaf;
}

/** The names by which a certificate or a request for one is held against the list. */
type Names = Pick<CertificationRequest, 'subject' | 'dnsNames' | 'uris' | 'ipAddresses' | 'emailAddresses'>;

/**
 * The one line of the list that a request of this holder is for. Closed: what is not listed, word by word, is refused, and what
 * is issued is what the list says, never what a request says.
 *
 * @param asked.holder who asks, authenticated
 * @param asked.purpose under which label
 * @throws PolicyRefused
 */
export function decideEnrolment(
  list: PkiList,
  asked: { readonly holder: string; readonly purpose: AuthorityName; readonly request: CertificationRequest },
): NamedLeaf {
  const { holder, purpose, request } = asked;
  const refuse = (reason: PolicyReason): never => {
    throw new PolicyRefused(reason, { holder, purpose, ...evidenceOf(request) });
  };
  const all = namedLeaves(list);
  if (!all.some(({ name }) => holderOf(name) === holder)) return refuse('holder_unknown');
  const sameNames = all.filter(({ leaf }) => hasNames(request, leaf));
  const own = sameNames.filter(({ name }) => holderOf(name) === holder);
  if (own.length === 0) return refuse(sameNames.length > 0 ? 'name_of_another_holder' : 'name_not_listed');
  const forPurpose = own.filter(({ leaf }) => leaf.authority === purpose);
  if (forPurpose.length === 0) return refuse('purpose');
  const [found] = forPurpose.filter(({ leaf }) => leaf.enrols);
  if (found === undefined) return refuse('not_by_enrolment');
  const { type, bits } = request.key;
  return type === KEY_TYPES[found.leaf.key].type && bits === KEY_TYPES[found.leaf.key].bits
    ? found
    : refuse('key_type');
}

/** The participant that a certificate of the participants' authority is for: the holder of the leaf with exactly its names. */
export function participantOf(list: PkiList, certificate: PeerCertificate): string | undefined {
  const [found] = namedLeaves(list).filter(
    ({ leaf }) => leaf.authority === 'participants' && hasNames(certificate, leaf),
  );
  return found === undefined ? undefined : holderOf(found.name);
}

/** The leaves a process of this holder enrols for. */
export function enrolledLeaves(list: PkiList, holder: string): readonly NamedLeaf[] {
  return namedLeaves(list).filter(({ name, leaf }) => leaf.enrols && holderOf(name) === holder);
}

const namedLeaves = (list: PkiList): readonly NamedLeaf[] =>
  Object.entries(list.leaves).map(([name, leaf]) => ({ name, leaf }));

/** RFC7030-4.2.2: whether a request asks for what a certificate says, name by name. */
export function asksForSameNames(request: CertificationRequest, certificate: PeerCertificate): boolean {
  return (
    sameDn(request.subject, certificate.subject) && isDeepStrictEqual(alternative(request), alternative(certificate))
  );
}

/** Whether these are the names of a leaf: all of them, no other, of no other kind. */
function hasNames(names: Names, { subject, dns = [], uri = [] }: ListedLeaf): boolean {
  const listed = { dnsNames: dns.toSorted(), uris: uri.toSorted(), ipAddresses: [], emailAddresses: [] };
  return sameDn(names.subject, parseDn(subject)) && isDeepStrictEqual(alternative(names), listed);
}

const alternative = ({ dnsNames, uris, ipAddresses, emailAddresses }: Names) => ({
  dnsNames: dnsNames.toSorted(),
  uris: uris.toSorted(),
  ipAddresses: ipAddresses.toSorted(),
  emailAddresses: emailAddresses.toSorted(),
});

/** What was asked for, bounded: the words are a stranger's. */
function evidenceOf({ subject, dnsNames, uris }: Names): Record<string, string> {
  const short = (text: string): string => text.slice(0, 200);
  return { subject: short(shown(subject)), names: short([...dnsNames, ...uris].join(' ')) };
}

const shown = (subject: DistinguishedName): string => (subject.length === 0 ? '(none)' : formatDn(subject));
