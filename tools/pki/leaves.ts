import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueLeaf, toPkcs12 } from '@holdfast/mtls/authority';
import type { Leaf } from '@holdfast/mtls/authority';
import type { Authorities } from './authorities.ts';
import { PRIVATE, PUBLIC, writeWhole } from './files.ts';
import type { Owner } from './files.ts';
import type { ListedLeaf, PkiList } from './pki-list.ts';

const DAY = 86_400_000;
const BACKDATED = 60_000;

/** Why a leaf has to be issued; `fresh` when it has not. */
export type LeafState = 'fresh' | 'missing' | 'unusable' | 'ending';

/**
 * What stands in the way of using a leaf as it lies there. Half a pair, a key of another certificate, another authority or
 * a damaged file are all mended by issuing anew: nothing hangs on a leaf but its holder.
 */
export function leafState(path: string, leaf: ListedLeaf, authorities: Authorities, now: Date): LeafState {
  const files = [`${path}.crt`, `${path}.key`, ...(leaf.pkcs12 ? [`${path}.p12`, `${path}.p12.password`] : [])];
  const there = files.filter((file) => existsSync(file)).length;
  if (there === 0) return 'missing';
  if (there < files.length) return 'unusable';
  const certificate = readable(path);
  if (certificate === undefined || !certificate.verify(authorities[leaf.authority].certificate.publicKey))
    return 'unusable';
  return !leaf.expired && isEnding(certificate, now) ? 'ending' : 'fresh';
}

/** Issues a leaf and writes it: key first, so that a certificate never lies there without its key. */
export function issue(
  path: string,
  leaf: ListedLeaf,
  authorities: Authorities,
  list: PkiList,
  now: Date,
  owner: Owner | undefined,
): void {
  const issued = issueLeaf({
    issuer: authorities[leaf.authority],
    subject: leaf.subject,
    purpose: leaf.purpose ?? list.authorities[leaf.authority].purpose,
    key: leaf.key,
    ...(leaf.dns === undefined ? {} : { dnsNames: leaf.dns }),
    ...(leaf.uri === undefined ? {} : { uris: leaf.uri }),
    ...lifetime(leaf, list, now),
    random: randomBytes,
  });
  writeWhole(`${path}.key`, issued.keyPem, PRIVATE, owner);
  writeWhole(`${path}.crt`, issued.certificatePem, PUBLIC, owner);
  if (leaf.pkcs12) writePkcs12(path, issued, owner);
}

function writePkcs12(path: string, issued: Leaf, owner: Owner | undefined): void {
  const password = randomBytes(18).toString('base64url');
  const name = path.split('/').slice(-2).join(' ');
  writeWhole(`${path}.p12.password`, `${password}\n`, PRIVATE, owner);
  writeWhole(`${path}.p12`, toPkcs12(issued, { password, name, random: randomBytes }), PRIVATE, owner);
}

function lifetime({ expired }: ListedLeaf, list: PkiList, now: Date): { notBefore: Date; notAfter: Date } {
  const at = (offset: number) => new Date(now.getTime() + offset);
  if (expired) return { notBefore: at(-3 * DAY), notAfter: at(-DAY) };
  return { notBefore: at(-BACKDATED), notAfter: at(list.lifetimes.leaf * DAY) };
}

function isEnding({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  const whole = validToDate.getTime() - validFromDate.getTime();
  return now < validFromDate || validToDate.getTime() - now.getTime() < whole / 3;
}

function readable(path: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(readFileSync(`${path}.crt`));
    const key = createPrivateKey(readFileSync(`${path}.key`));
    return certificate.checkPrivateKey(key) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** Path of a leaf without its ending. */
export const leafPath = (pki: string, name: string): string => join(pki, name);
