import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { createIntermediate, createRoot, issueLeaf } from '../authority/index.ts';
import type { Authority, Leaf, LeafRequest } from '../authority/index.ts';
import type { CertificateReason } from '../client-certificate.ts';
import type { FindingCode, Text } from '../certificate-findings.ts';
import { toPem } from '../pem-certificates.ts';

/** Where a patient's fault shows: the listener answers with its code, the listener ends the handshake, or the client cannot begin. */
export type FoundAt = 'listener' | 'handshake' | 'client';

/** Certificate file and key file, as their holder keeps them. */
export interface PatientFiles {
  /** Leaf first, then what else goes into the handshake; or as the patient has it. */
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Who signs in the clinic, and when. */
export interface Ward {
  readonly participants: { readonly root: X509Certificate; readonly intermediate: Authority };
  /** The authority of another door. */
  readonly services: Authority;
  readonly now: Date;
  readonly random: (bytes: number) => Buffer;
  /** The client whose names the patients carry, so that nothing but the fault can be what is refused. */
  readonly names: Pick<LeafRequest, 'subject' | 'dnsNames'>;
}

/** A certificate that is wrong in one respect, or in none. */
export interface Patient {
  readonly id: string;
  readonly what: Text;
  readonly foundAt: FoundAt;
  /** The code a listener for participants answers with; undefined when it takes the certificate. */
  readonly code: Extract<FindingCode, CertificateReason | 'key_mismatch'> | undefined;
  /** What the files alone show, without any listener, where that is more or something else. */
  readonly onPaper?: FindingCode;
  /** The revocation list names it. */
  readonly revoked?: true;
  /** Absent for the patient who shows nothing at all, and for those whom the root itself makes. */
  readonly issue?: (ward: Ward) => PatientFiles;
  /** Takes the key of the participants' root, which is kept offline: what it makes lives as long as an intermediate. */
  readonly issueByRoot?: (ward: Ward, root: Authority) => PatientFiles;
}

/** Whether a patient has a certificate to show. */
export const hasFiles = ({ issue, issueByRoot }: Patient): boolean => (issue ?? issueByRoot) !== undefined;

const DAY = 86_400_000;
/** A patient lives as long as any other leaf of the platform. */
const LIFETIME_DAYS = 7;
/** One that only the root can make lives as long as what only the root can make otherwise. */
const BY_ROOT_DAYS = 3 * 365;

const rsa = (modulusLength: number): KeyObject => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;

function healthy(ward: Ward, odd: Partial<LeafRequest> = {}): Leaf {
  return issueLeaf({ ...ordinary(ward), issuer: ward.participants.intermediate, purpose: 'client', ...odd });
}

function ordinary({ names, now, random }: Ward) {
  return { ...names, random, notBefore: at(now, -1 / 1440), notAfter: at(now, LIFETIME_DAYS) };
}

const at = (now: Date, days: number): Date => new Date(now.getTime() + days * DAY);

/** An authority of somebody else, under any names one likes. */
function stranger(ward: Ward, rootName: string, name: string): Authority {
  const when = ordinary(ward);
  const root = createRoot({ ...when, subject: rootName });
  const intermediate = createIntermediate({ ...when, issuer: root, subject: name, purpose: 'client' });
  // With its root, so that the chain is whole and only trust is missing.
  return { ...intermediate, chain: [intermediate.certificate, root.certificate] };
}

const subjectText = ({ subject }: X509Certificate): string => subject.split('\n').reverse().join(',');

const long = (ward: Ward) => ({ ...ordinary(ward), notAfter: at(ward.now, BY_ROOT_DAYS) });

/** A second intermediate of the participants' root, such as a change of authorities brings. */
const sibling = (ward: Ward, root: Authority): Authority =>
  createIntermediate({
    ...long(ward),
    issuer: root,
    subject: 'CN=participants-transport-next,O=Holdfast',
    purpose: 'client',
  });

const manyNames = (count: number): string[] =>
  Array.from({ length: count }, (_, place) => `${'n'.repeat(50)}${place}.many.localhost`);

const well = (id: string, key: () => KeyObject, what: Text): Patient => ({
  id: `well-${id}`,
  what: { en: `in order, with ${what.en}`, ja: `問題なし（${what.ja}）` },
  foundAt: 'listener',
  code: undefined,
  issue: (ward) => healthy(ward, { key: key() }),
});

/** Those who are well, and must be taken: without them a refusal would prove nothing. */
const WELL: readonly Patient[] = [
  well('p-256', () => ec('P-256'), { en: 'a P-256 key', ja: 'P-256の鍵' }),
  well('p-384', () => ec('P-384'), { en: 'a P-384 key', ja: 'P-384の鍵' }),
  well('ed25519', () => generateKeyPairSync('ed25519').privateKey, { en: 'an Ed25519 key', ja: 'Ed25519の鍵' }),
  well('rsa-2048', () => rsa(2048), { en: 'an RSA key of 2048 bits', ja: '2048ビットのRSA鍵' }),
  well('rsa-pss', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, {
    en: 'an RSA key that signs with PSS only',
    ja: 'PSS専用のRSA鍵',
  }),
];

/** Taken here, and not everywhere: what works by luck. */
const LUCKY: readonly Patient[] = [
  {
    id: 'leaf-alone',
    what: { en: 'the leaf alone, of an intermediate known here', ja: 'リーフのみ（中間CAはここでは既知）' },
    foundAt: 'listener',
    code: undefined,
    onPaper: 'chain_incomplete',
    issue: (ward) => {
      const { certificate, keyPem } = healthy(ward);
      return { certificatePem: toPem([certificate]), keyPem };
    },
  },
  {
    id: 'shuffled',
    what: { en: 'the root before the intermediate', ja: '中間CAより先にルートがある' },
    foundAt: 'listener',
    code: undefined,
    onPaper: 'chain_out_of_order',
    issue: (ward) => {
      const { certificate, keyPem } = healthy(ward);
      const { root, intermediate } = ward.participants;
      return { certificatePem: toPem([certificate, root, intermediate.certificate]), keyPem };
    },
  },
];

/** Chains that lead nowhere, or somewhere else. */
const LOST: readonly Patient[] = [
  {
    id: 'unknown-authority',
    what: { en: 'of an authority nobody here knows', ja: '誰も知らない認証局の証明書' },
    foundAt: 'listener',
    code: 'certificate_untrusted',
    issue: (ward) => healthy(ward, { issuer: stranger(ward, 'CN=Kitchen root', 'CN=Kitchen table') }),
  },
  {
    id: 'forged-authority',
    what: { en: 'of an authority with the right names and another key', ja: '名前は正しいが鍵が違う認証局の証明書' },
    foundAt: 'listener',
    code: 'certificate_untrusted',
    issue: (ward) => {
      const { root, intermediate } = ward.participants;
      return healthy(ward, { issuer: stranger(ward, subjectText(root), subjectText(intermediate.certificate)) });
    },
  },
  {
    id: 'intermediate-missing',
    what: { en: 'of a new intermediate, which was not sent along', ja: '新しい中間CAの証明書（中間CAを送っていない）' },
    foundAt: 'listener',
    code: 'chain_incomplete',
    issueByRoot: (ward, root) => {
      const { certificate, keyPem } = healthy(ward, { ...long(ward), issuer: sibling(ward, root) });
      return { certificatePem: toPem([certificate]), keyPem };
    },
  },
  {
    id: 'issued-by-leaf',
    what: { en: 'signed with the key of an ordinary participant', ja: '一般の参加者の鍵で署名された証明書' },
    foundAt: 'listener',
    code: 'issued_by_leaf',
    issue: (ward) => {
      const { certificate, key } = healthy(ward, { subject: 'CN=played-authority', dnsNames: [] });
      return healthy(ward, {
        issuer: { certificate, key, chain: [certificate, ...ward.participants.intermediate.chain] },
      });
    },
  },
  {
    id: 'other-door',
    what: { en: 'of the authority of the internal services', ja: '内部サービス用認証局の証明書' },
    foundAt: 'listener',
    code: 'issued_for_another_door',
    issue: (ward) => healthy(ward, { issuer: ward.services }),
  },
];

/** What a certificate says of itself, and should not. */
const UNFIT: readonly Patient[] = [
  {
    id: 'expired',
    what: { en: 'ended yesterday', ja: '昨日期限切れ' },
    foundAt: 'listener',
    code: 'certificate_expired',
    issue: (ward) => healthy(ward, { notBefore: at(ward.now, -3), notAfter: at(ward.now, -1) }),
  },
  {
    id: 'not-yet-valid',
    what: { en: 'begins in a month', ja: '一か月後に有効' },
    foundAt: 'listener',
    code: 'certificate_not_yet_valid',
    issue: (ward) => healthy(ward, { notBefore: at(ward.now, 30), notAfter: at(ward.now, 60) }),
  },
  {
    id: 'for-servers',
    what: { en: 'made for servers', ja: 'サーバー用' },
    foundAt: 'listener',
    code: 'certificate_wrong_purpose',
    issue: (ward) => healthy(ward, { purpose: 'server' }),
  },
  {
    id: 'for-nothing',
    what: { en: 'without a purpose', ja: '用途の記載なし' },
    foundAt: 'listener',
    code: 'certificate_wrong_purpose',
    issue: (ward) => healthy(ward, { purpose: 'none' }),
  },
  {
    id: 'authority',
    what: { en: 'an authority itself', ja: '認証局そのもの' },
    foundAt: 'listener',
    code: 'certificate_is_ca',
    issueByRoot: (ward, root) => {
      const { key, certificate } = createIntermediate({
        ...long(ward),
        issuer: root,
        subject: ward.names.subject,
        purpose: 'client',
      });
      return { certificatePem: toPem([certificate]), keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  },
  {
    id: 'weak-key',
    what: { en: 'an RSA key of 1024 bits', ja: '1024ビットのRSA鍵' },
    foundAt: 'listener',
    code: 'certificate_weak_key',
    issue: (ward) => healthy(ward, { key: rsa(1024) }),
  },
  {
    id: 'two-names',
    what: { en: 'two common names', ja: 'CNが二つ' },
    foundAt: 'listener',
    code: 'subject_ambiguous',
    issue: (ward) => healthy(ward, { subject: 'CN=lab-second-client,CN=lab-first-client' }),
  },
  {
    id: 'wildcard',
    what: { en: 'a wildcard for a name', ja: '名前がワイルドカード' },
    foundAt: 'listener',
    code: 'name_wildcard',
    issue: (ward) => healthy(ward, { dnsNames: ['*.lab.localhost'] }),
  },
  {
    id: 'revoked',
    what: { en: 'revoked by its authority', ja: '認証局により失効' },
    foundAt: 'listener',
    code: 'certificate_revoked',
    revoked: true,
    issue: (ward) => healthy(ward),
  },
  {
    id: 'unreadable',
    what: { en: 'a name with a NUL in it', ja: '名前の途中にNUL文字' },
    foundAt: 'listener',
    code: 'certificate_unreadable',
    issue: (ward) => healthy(ward, { dnsNames: ['first-client.lab.localhost\0.mallory.localhost'] }),
  },
  {
    id: 'huge',
    what: { en: 'a thousand names, 64 KB', ja: '名前が千個、64KB' },
    foundAt: 'listener',
    code: 'certificate_too_large',
    issue: (ward) => healthy(ward, { dnsNames: manyNames(1000) }),
  },
];

/** Those that never get to the rule: the handshake, or the client's own library, ends it before. */
const SPEECHLESS: readonly Patient[] = [
  {
    id: 'nothing',
    what: { en: 'no certificate at all', ja: '証明書なし' },
    foundAt: 'listener',
    code: 'certificate_missing',
  },
  {
    id: 'beyond-tls',
    what: { en: 'three thousand names, more than OpenSSL reads', ja: '名前が三千個、OpenSSLの上限超え' },
    foundAt: 'handshake',
    code: 'certificate_too_large',
    issue: (ward) => healthy(ward, { dnsNames: manyNames(3000) }),
  },
  {
    id: 'wrong-key',
    what: { en: 'the key of another certificate', ja: '別の証明書の鍵' },
    foundAt: 'client',
    code: 'key_mismatch',
    issue: (ward) => ({ certificatePem: healthy(ward).certificatePem, keyPem: healthy(ward).keyPem }),
  },
  {
    id: 'leaf-last',
    what: { en: 'the intermediate before the leaf', ja: 'リーフより先に中間CAがある' },
    foundAt: 'client',
    code: 'key_mismatch',
    onPaper: 'chain_out_of_order',
    issue: (ward) => {
      const { certificate, keyPem } = healthy(ward);
      return { certificatePem: toPem([ward.participants.intermediate.certificate, certificate]), keyPem };
    },
  },
];

/** Everybody in the clinic, in the order in which they are seen. */
export const PATIENTS: readonly Patient[] = [...WELL, ...LUCKY, ...LOST, ...UNFIT, ...SPEECHLESS];
