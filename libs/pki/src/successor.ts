import { existsSync, readFileSync, rmSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { dirname, join } from 'node:path';
import { loadTrust, MtlsConfigError } from '@holdfast/mtls';
import { keyPemOf } from '@holdfast/mtls/authority';
import type { Authority } from '@holdfast/mtls/authority';
import { makeIntermediate, makeRoot, readAuthority, writeAuthority } from './authorities.ts';
import { exclusively, PRIVATE, PUBLIC, writeWhole } from './files.ts';
import { intermediatePath, nextRootPath, rootPath, trustFile } from './home-layout.ts';
import { readPkiList } from './pki-list.ts';
import type { AuthorityName, PkiList } from './pki-list.ts';

/** What is replaced: the intermediate under the same root, or both. */
export type RotationKind = 'root' | 'intermediate';

interface Rotation {
  readonly home: string;
  readonly purpose: AuthorityName;
  readonly kind: RotationKind;
  readonly now: Date;
  readonly list?: PkiList;
}

/** The certificate of the root above the next intermediate, public, for whoever announces it. */
export const nextRootFile = (home: string, purpose: AuthorityName): string =>
  join(dirname(intermediatePath(home, purpose, 'next')), 'root.crt');

/**
 * Makes the intermediate that is to follow, with its root where that is new; nothing is trusted by it yet. The key of the root is
 * opened for this. What an earlier run has made is kept.
 * @throws MtlsConfigError when the root is not where it should be
 */
export function makeSuccessor(rotation: Rotation): void {
  const { home, purpose, kind, now, list = readPkiList() } = rotation;
  exclusively(join(home, 'pki'), () => {
    const path = intermediatePath(home, purpose, 'next');
    if (isMade(path, rotation)) return;
    const root = kind === 'root' ? nextRoot(home, purpose, now, list) : currentRoot(home, purpose, now);
    const { key, certificate } = makeIntermediate(purpose, root, list, now);
    writeWhole(`${path}.key`, keyPemOf(key), PRIVATE);
    writeWhole(nextRootFile(home, purpose), root.certificate.toString(), PUBLIC);
    // Last: with it, all of it is there.
    writeWhole(`${path}.crt`, certificate.toString(), PUBLIC);
  });
}

/** Puts the new root in the place of the old one, whose key is gone with it: nothing is signed by it any more. */
export function retireRoot(home: string, purpose: AuthorityName, now: Date): void {
  const next = nextRootPath(home, purpose);
  if (!existsSync(`${next}.crt`)) return;
  writeAuthority(rootPath(home, purpose), readAuthority(next, now));
  rmSync(dirname(next), { recursive: true });
}

/** Whether the next one lies there whole and still good, under a root that is new or not, as is asked for. */
function isMade(path: string, { home, purpose, kind, now }: Rotation): boolean {
  if (!existsSync(`${path}.crt`)) return false;
  if (now > new X509Certificate(readFileSync(`${path}.crt`)).validToDate) return false;
  const above = new X509Certificate(readFileSync(nextRootFile(home, purpose)));
  const trusted = loadTrust(trustFile(home, purpose), now).certificates;
  return trusted.some((one) => one.raw.equals(above.raw)) === (kind === 'intermediate');
}

function nextRoot(home: string, purpose: AuthorityName, now: Date, list: PkiList): Authority {
  const path = nextRootPath(home, purpose);
  if (existsSync(`${path}.crt`) && existsSync(`${path}.key`)) return readAuthority(path, now);
  const made = makeRoot(purpose, list, now);
  writeAuthority(path, made);
  return made;
}

function currentRoot(home: string, purpose: AuthorityName, now: Date): Authority {
  const path = rootPath(home, purpose);
  if (existsSync(`${path}.key`)) return readAuthority(path, now);
  throw new MtlsConfigError(
    `the root of ${purpose} is not in ${dirname(path)}`,
    'bring the folder back from where it is kept, and run the command again',
  );
}
