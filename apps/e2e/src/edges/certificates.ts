import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { expect } from 'vitest';
import { Http } from '../wire/http.ts';
import type { PemIdentity } from '../wire/http.ts';
import { claimsOf } from '../wire/jws.ts';
import { HomeAuthority } from '../wire/home-authority.ts';
import { cn, followedBy, leafAlone, selfSigned } from '../wire/participants.ts';
import type { Order } from '../wire/participants.ts';
import type { RawClient } from '../wire/raw-client.ts';
import type { Standing } from './edge.ts';

const DAY = 86_400_000;
const at = (days: number): Date => new Date(Date.now() + days * DAY);
export const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
export const identityOf = ({ file }: RawClient): PemIdentity => ({ cert: file.certificate ?? '', key: file.key ?? '' });
export const orderFor = (client: RawClient, changes: Partial<Order> = {}): Order => ({
  subject: `CN=${client.id}`,
  dnsNames: [`${client.id}.client.localhost`],
  ...changes,
});

type Make = (standing: Standing) => PemIdentity | undefined;
export const ordered =
  (changes: Partial<Order>): Make =>
  ({ byDns, participants }) =>
    participants.issue(orderFor(byDns, changes));

/** What an unknown authority of the very same names makes. */
const rogue: Make = ({ byDns }) => {
  const pki = throwAwayPki();
  const { certificatePem: cert, keyPem: key } = pki.mint({ ...orderFor(byDns), subject: `CN=${byDns.id}` });
  return { cert, key };
};

/** A certificate that is wrong in one respect, and the private reason of its refusal. */
export interface Wrong {
  readonly title: string;
  readonly make: Make;
  readonly reason: string;
  /** At the bank, where the token says whose certificate it has to be; the same when absent. */
  readonly reasonAtBank?: string;
}

export const MISMATCH = 'certificate_thumbprint_mismatch';
export const WRONG: readonly Wrong[] = [
  { title: 'no certificate', make: () => undefined, reason: 'certificate_missing' },
  { title: 'one of an unknown authority', make: rogue, reason: 'chain_incomplete' },
  {
    title: 'one that has expired',
    make: ordered({ notBefore: at(-3), notAfter: at(-1) }),
    reason: 'certificate_expired',
  },
  {
    title: 'one of tomorrow',
    make: ordered({ notBefore: at(1), notAfter: at(2) }),
    reason: 'certificate_not_yet_valid',
  },
  { title: 'one for servers', make: ordered({ purpose: 'server' }), reason: 'certificate_wrong_purpose' },
  { title: 'one without a purpose', make: ordered({ purpose: 'none' }), reason: 'certificate_wrong_purpose' },
  {
    title: 'one with an RSA key of 1024 bits',
    make: (standing) => weak(ordered({ key: rsa(1024) })(standing)),
    reason: 'certificate_weak_key',
  },
  {
    title: 'one whose intermediate is neither known nor comes along',
    make: ({ byDns, participants }) => leafAlone(participants.issueBySibling(orderFor(byDns))),
    reason: 'chain_incomplete',
  },
  {
    title: 'one of a service',
    make: ({ byDns, world }) => new HomeAuthority(world.home, 'services').issue(orderFor(byDns)),
    reason: 'issued_for_another_door',
  },
  {
    title: 'one with two common names',
    make: ({ participants }) => participants.issue({ subject: [[cn('mallory')], [cn('alice')]] }),
    reason: 'subject_ambiguous',
  },
  {
    title: 'one of its own making',
    make: ({ byDns }) => selfSigned(orderFor(byDns)),
    reason: 'certificate_untrusted',
    reasonAtBank: MISMATCH,
  },
  {
    title: 'that of another client',
    make: ({ other }) => identityOf(other),
    reason: 'certificate_subject_mismatch',
    reasonAtBank: MISMATCH,
  },
];

const weak = (identity: PemIdentity | undefined): PemIdentity | undefined =>
  identity && { ...identity, ciphers: 'ALL:@SECLEVEL=0' };

/** Certificates that are good, whoever ends TLS. */
export const ACCEPTED: readonly (readonly [title: string, make: Make])[] = [
  ['on P-256', ordered({})],
  ['on P-384', ordered({ key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey })],
  ['with an Ed25519 key', ordered({ key: generateKeyPairSync('ed25519').privateKey })],
  ['with an RSA key of 2048 bits', ordered({ key: rsa(2048) })],
  ['with an RSA key of 4096 bits', ordered({ key: rsa(4096) })],
  [
    'with fifty names',
    ({ byDns, participants }) => {
      const { dnsNames = [], ...order } = orderFor(byDns);
      return participants.issue({
        ...order,
        dnsNames: [...dnsNames, ...Array.from({ length: 50 }, (_, n) => `n${n}.${dnsNames[0]}`)],
      });
    },
  ],
  ['without its intermediate, which is known', (standing) => leafAlone(ordered({})(standing) as PemIdentity)],
  [
    'with a stranger’s certificate behind its chain',
    (standing) => followedBy(ordered({})(standing) as PemIdentity, rogue(standing) as PemIdentity),
  ],
];

export const own = { grant_type: 'client_credentials', scope: 'grant_management_query' };
export const thumbprintIn = (token: string): unknown => (claimsOf(token)['cnf'] as Record<string, unknown>)['x5t#S256'];
export const thumbprintOf = ({ cert }: PemIdentity): string =>
  Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');

/** From nothing to an access token, with what this connection presents. */
export async function tokenWith(client: RawClient, http: Http): Promise<string> {
  const attempt = await client.pushed({}, { http });
  const { code } = await client.approve(await client.atConsent(attempt));
  const { answer } = await client.token(client.redemption({ ...attempt, code: String(code) }), { http });
  expect(answer.status, answer.text).toBe(200);
  return (JSON.parse(answer.text) as { access_token: string }).access_token;
}

/** A connection with this certificate, for one question. */
export async function withHttp<T>(
  { world }: Standing,
  identity: PemIdentity | undefined,
  ask: (http: Http) => Promise<T>,
): Promise<T> {
  const http = new Http(world.home, identity);
  try {
    return await ask(http);
  } finally {
    await http.close();
  }
}

/** What is no certificate: refused before anybody looks whose it is, with the same words at both doors. */
export const UNREAD: readonly (Pick<Wrong, 'title' | 'reason'> & { readonly make: (of: Standing) => PemIdentity })[] = [
  {
    title: 'a name that two readers read differently',
    make: ({ participants }) => participants.issue({ subject: 'CN=x', dnsNames: ['a.test\0b.test'] }),
    reason: 'certificate_unreadable',
  },
  {
    title: 'more than 16 KiB',
    make: ({ participants }) =>
      participants.issue({
        subject: 'CN=x',
        dnsNames: Array.from({ length: 400 }, (_, place) => `${'n'.repeat(50)}${place}.test`),
      }),
    reason: 'certificate_too_large',
  },
];
