import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSigningJwks } from '@holdfast/mtls/authority';
import { ensureAuthorities, writeTrust } from './authorities.ts';
import { PRIVATE, writeWhole } from './files.ts';
import type { Owner } from './files.ts';
import { issue, leafPath, leafState } from './leaves.ts';
import { readPkiList } from './pki-list.ts';
import type { PkiList } from './pki-list.ts';

export interface EnsurePkiOptions {
  /** The home directory; everything lies in its `pki` folder. */
  readonly home: string;
  readonly now: Date;
  /** Told of everything that was made or renewed, in words. */
  readonly report?: (what: string) => void;
  /** Who owns the leaves, the trust bundles and the signing keys; the authorities' keys stay with the caller. */
  readonly owner?: Owner;
  /** Only what these holders keep, such as `bank`; everything when absent. */
  readonly only?: readonly string[];
  readonly list?: PkiList;
}

const WORDS = { missing: 'issued', unusable: 'issued anew', ending: 'renewed' } as const;

/**
 * Makes what is missing of a PKI and renews what ends soon. Doing it twice changes nothing the second time.
 * @throws MtlsConfigError with one line and a remedy when what is there cannot be completed
 */
export function ensurePki(options: EnsurePkiOptions): void {
  const { home, now, owner, only, report = () => {}, list = readPkiList() } = options;
  const pki = join(home, 'pki');
  const wanted = (name: string): boolean => only === undefined || only.includes(name.split('/')[0] ?? '');

  const authorities = ensureAuthorities(pki, list, now, (what) => report(`made ${what}`));
  writeTrust(pki, list, owner);
  for (const [name, leaf] of Object.entries(list.leaves).filter(([it]) => wanted(it))) {
    const state = leafState(leafPath(pki, name), leaf, authorities, now);
    if (state === 'fresh') continue;
    issue(leafPath(pki, name), leaf, authorities, list, now, owner);
    report(`${WORDS[state]} ${name}`);
  }
  for (const name of list.signingKeys.filter(wanted)) {
    const file = join(pki, `${name}.json`);
    if (existsSync(file)) continue;
    writeWhole(file, `${JSON.stringify(createSigningJwks(), undefined, 2)}\n`, PRIVATE, owner);
    report(`made ${name}`);
  }
}
