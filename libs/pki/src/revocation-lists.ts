import { existsSync, readFileSync } from 'node:fs';
import { CertificateError, MtlsConfigError, readRevocationList } from '@holdfast/mtls';
import type { CertificateRevocationList } from '@holdfast/mtls';
import { issueCrl } from '@holdfast/mtls/authority';
import type { Authority } from '@holdfast/mtls/authority';
import { authorityNames } from './authorities.ts';
import type { Authorities } from './authorities.ts';
import { PUBLIC, writeWhole } from './files.ts';
import { revocationListFile } from './home-layout.ts';

const MINUTE = 60_000;

/**
 * Times of a list that is signed beside the certificate authority, which signs anew every few minutes while it runs. Our choice,
 * no clause: a day, so that a home whose authority stands still for a while starts; a list with less than half an hour left is
 * signed again.
 */
const [LIFE, ENDING] = [24 * 60 * MINUTE, 30 * MINUTE];

/** A peer whose clock is behind by seconds takes the list. Milliseconds. */
const BACKDATED = MINUTE;

/**
 * Signs the first list of each purpose, and one that is about to end, with the entries it has: what was taken back stays so.
 * @throws MtlsConfigError when a list that is there cannot be read: with it would be lost who was revoked
 */
export function ensureRevocationLists(home: string, authorities: Authorities, now: Date): void {
  for (const name of authorityNames) {
    const file = revocationListFile(home, name);
    const issuer = authorities[name];
    const there = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const { own, others } = split(there, issuer, file);
    if (own !== undefined && own.nextUpdate.getTime() - now.getTime() > ENDING) continue;
    const list = issueCrl({
      issuer,
      revoked: [...(own?.entries ?? [])].map(([serialNumber, entry]) => ({ serialNumber, ...entry })),
      number: nextListNumber(own?.number ?? 0, now),
      thisUpdate: new Date(now.getTime() - BACKDATED),
      nextUpdate: new Date(now.getTime() + LIFE),
    });
    writeWhole(file, `${list}${others.join('')}`, PUBLIC);
  }
}

/** Grows with every list, whoever signs it: the second it is signed in, or one more than the last. RFC5280-5.2.3. */
export const nextListNumber = (last: bigint | number, now: Date): number =>
  Math.max(Number(last) + 1, Math.floor(now.getTime() / 1000));

function split(
  pem: string,
  issuer: Authority,
  file: string,
): { readonly own: CertificateRevocationList | undefined; readonly others: readonly string[] } {
  const blocks = pem.match(/-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----\n?/g) ?? [];
  const lists = blocks.map((block) => ({ block, list: signedBy(issuer, block, file) }));
  return {
    own: lists.find(({ list }) => list !== undefined)?.list,
    others: lists.filter(({ list }) => list === undefined).map(({ block }) => block),
  };
}

function signedBy({ certificate }: Authority, block: string, file: string): CertificateRevocationList | undefined {
  const der = Buffer.from(block.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  try {
    return readRevocationList(der, [certificate]);
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    // Of the intermediate before this one, or torn; a torn one is what its readers complain about.
    if (der.length > 0) return undefined;
    throw new MtlsConfigError(`${file} cannot be read`, 'restore it, or make the PKI anew: npm run reset', { cause });
  }
}
