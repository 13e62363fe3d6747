import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { issuedBy, parseDn, parsePeerCertificate, sameDn } from '@holdfast/mtls';
import type { PeerCertificate } from '@holdfast/mtls';
import { issueLeaf, toPkcs12 } from '@holdfast/mtls/authority';
import type { Leaf, Purpose } from '@holdfast/mtls/authority';
import type { Authorities } from './authorities.ts';
import { PRIVATE, PUBLIC, writeWhole } from './files.ts';
import type { Owner } from './files.ts';
import { lifeOf, purposeOf } from './pki-list.ts';
import type { ListedLeaf, PkiList } from './pki-list.ts';

const DAY = 86_400_000;
/**
 * A leaf begins a little in the past, for a peer whose clock is behind by seconds; no more than a tenth of its life, so that two
 * thirds of it are still ahead. Milliseconds.
 */
const BACKDATED = 60_000;

/** Why a leaf has to be issued; `fresh` when it has not. */
export type LeafState = 'fresh' | 'missing' | 'unusable' | 'changed' | 'ending';

/**
 * What stands in the way of using a leaf as it lies there. Half a pair, a key of another certificate, another authority, a
 * damaged file or a changed line of the list are all mended by issuing anew: nothing hangs on a leaf but its holder.
 */
export function leafState(
  path: string,
  leaf: ListedLeaf,
  authorities: Authorities,
  list: PkiList,
  now: Date,
): LeafState {
  const files = [`${path}.crt`, `${path}.key`, ...(leaf.pkcs12 ? [`${path}.p12`, passwordFile(path)] : [])];
  const there = files.filter((file) => existsSync(file)).length;
  if (there === 0) return 'missing';
  const found = there === files.length ? readPair(path) : undefined;
  if (found === undefined || !issuedBy(found, authorities[leaf.authority].certificate)) return 'unusable';
  if (!isAsListed(found, leaf, list)) return 'changed';
  if (leaf.expired) return now > found.notAfter ? 'fresh' : 'changed';
  return isEnding(found, now) ? 'ending' : 'fresh';
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** Object identifiers of the extended key usage of each purpose. */
const USAGES: Readonly<Record<Purpose, readonly string[]>> = {
  server: [SERVER_AUTH],
  client: [CLIENT_AUTH],
  both: [SERVER_AUTH, CLIENT_AUTH],
  none: [],
};
/** What the keys of the list are to whoever reads a certificate. */
export const KEY_TYPES = { 'P-256': { type: 'EC', bits: 256 }, 'RSA-2048': { type: 'RSA', bits: 2048 } } as const;

/** Whether the certificate says what its line of the list says. */
function isAsListed(found: PeerCertificate, leaf: ListedLeaf, list: PkiList): boolean {
  const { subject, dnsNames, uris, extendedKeyUsage, key } = found;
  const listed = [leaf.dns ?? [], leaf.uri ?? [], USAGES[purposeOf(leaf, list)], KEY_TYPES[leaf.key].type];
  return (
    sameDn(subject, parseDn(leaf.subject)) && isDeepStrictEqual([dnsNames, uris, extendedKeyUsage, key.type], listed)
  );
}

/** Issues a leaf and writes it, the certificate last: whatever an interrupted run leaves does not fit the old one, and is made anew. */
export function issue(
  path: string,
  leaf: ListedLeaf,
  authorities: Authorities,
  list: PkiList,
  now: Date,
  owner: Owner | undefined,
): X509Certificate {
  const issued = issueLeaf({
    issuer: authorities[leaf.authority],
    subject: leaf.subject,
    purpose: purposeOf(leaf, list),
    key: leaf.key,
    ...(leaf.dns === undefined ? {} : { dnsNames: leaf.dns }),
    ...(leaf.uri === undefined ? {} : { uris: leaf.uri }),
    ...lifetime(leaf, list, now),
    random: randomBytes,
  });
  writeWhole(`${path}.key`, issued.keyPem, PRIVATE, owner);
  if (leaf.pkcs12) writePkcs12(path, issued, owner);
  writeWhole(`${path}.crt`, issued.certificatePem, PUBLIC, owner);
  return issued.certificate;
}

function writePkcs12(path: string, issued: Leaf, owner: Owner | undefined): void {
  const password = randomBytes(18).toString('base64url');
  const name = path.split('/').slice(-2).join(' ');
  writeWhole(passwordFile(path), `${password}\n`, PRIVATE, owner);
  writeWhole(`${path}.p12`, toPkcs12(issued, { password, name, random: randomBytes }), PRIVATE, owner);
}

const passwordFile = (path: string): string => `${path}.p12.password`;

/** From when until when a leaf that is issued now is good. */
export function lifetime(leaf: ListedLeaf, list: PkiList, now: Date): { notBefore: Date; notAfter: Date } {
  const at = (offset: number) => new Date(now.getTime() + offset);
  if (leaf.expired) return { notBefore: at(-3 * DAY), notAfter: at(-DAY) };
  const life = lifeOf(leaf, list);
  return { notBefore: at(-Math.min(BACKDATED, life / 10)), notAfter: at(life) };
}

function isEnding({ notBefore, notAfter }: PeerCertificate, now: Date): boolean {
  const whole = notAfter.getTime() - notBefore.getTime();
  return now < notBefore || notAfter.getTime() - now.getTime() < whole / 3;
}

/** The certificate when it can be read and the key beside it is its own. */
function readPair(path: string): PeerCertificate | undefined {
  try {
    const certificate = new X509Certificate(readFileSync(`${path}.crt`));
    const key = createPrivateKey(readFileSync(`${path}.key`));
    return certificate.checkPrivateKey(key) ? parsePeerCertificate(certificate.raw) : undefined;
  } catch {
    return undefined;
  }
}
