import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { ensureAuthorities, writeFirstTrust } from './authorities.ts';
import { ensureClientKey } from './client-keys.ts';
import { CLOSED, exclusively, handOver, makeFolder, PASSAGE, PRIVATE, writeWhole } from './files.ts';
import type { Owner } from './files.ts';
import { issue, leafState } from './leaves.ts';
import { noteIssued } from './issued-by-hand.ts';
import { holderOf, readPkiList } from './pki-list.ts';
import type { ListedLeaf, PkiList } from './pki-list.ts';
import { ensureRevocationLists } from './revocation-lists.ts';

export interface EnsurePkiOptions {
  /** The home directory; everything lies in its `pki` folder. */
  readonly home: string;
  readonly now: Date;
  /** Told of everything that was made or renewed, in words. */
  readonly report?: (what: string) => void;
  /** Who owns what the holders keep; the authorities' keys stay with the caller, the trust bundles are public. */
  readonly owner?: Owner;
  /** Only what these holders keep, such as `bank`; everything when absent. */
  readonly only?: readonly string[];
  readonly list?: PkiList;
}

/** AES-256. */
const SECRET_BYTES = 32;

const WORDS = { missing: 'issued', unusable: 'issued anew', changed: 'issued anew', ending: 'renewed' } as const;

/**
 * Makes what is missing of a PKI and renews what ends soon. Doing it twice changes nothing the second time, and two at
 * once do it one after the other.
 * @throws MtlsConfigError with one line and a remedy when what is there cannot be completed, or a holder is not known
 */
export function ensurePki(options: EnsurePkiOptions): void {
  const { home, owner, list = readPkiList() } = options;
  const holders = holdersOf(list, options.only);
  const pki = join(home, 'pki');
  // The containers' processes are other users than the one who issues: they pass through, each to its own folder.
  makeFolder(home, owner === undefined ? CLOSED : PASSAGE);
  makeFolder(pki, PASSAGE);
  makeFolder(join(pki, 'trust'), PASSAGE);
  makeFolder(join(pki, 'authority'), CLOSED);
  makeFolder(join(home, 'offline'), CLOSED);
  exclusively(pki, () => {
    issueFor(holders, list, options);
    if (owner !== undefined) for (const holder of holders) handOver(folderOf(pki, holder), owner);
  });
}

/** The folder of a holder, which may be empty: whoever enrols puts into it what it is issued. */
function folderOf(pki: string, holder: string): string {
  const folder = join(pki, holder);
  makeFolder(folder, CLOSED);
  return folder;
}

function issueFor(holders: ReadonlySet<string>, list: PkiList, options: EnsurePkiOptions): void {
  const { home, now, owner, report = () => {} } = options;
  const pki = join(home, 'pki');
  const wanted = (name: string): boolean => holders.has(holderOf(name));

  const authorities = ensureAuthorities(home, list, now, (what) => report(`made ${what}`));
  ensureRevocationLists(home, authorities, now);
  writeFirstTrust(home, authorities);
  const byHand = Object.entries(list.leaves).filter(([name, leaf]) => wanted(name) && isIssuedByHand(leaf));
  for (const [name, leaf] of byHand) {
    const state = leafState(join(pki, name), leaf, authorities, list, now);
    if (state === 'fresh') continue;
    const certificate = issue(join(pki, name), leaf, authorities, list, now, owner);
    noteIssued(home, { purpose: leaf.authority, name, certificate, now });
    report(`${WORDS[state]} ${name}`);
  }
  for (const [name, listed] of Object.entries(list.clientKeys).filter(([it]) => wanted(it))) {
    if (ensureClientKey(pki, name, { listed, list, now, owner })) report(`made ${name}`);
  }
  for (const name of list.secrets.filter(wanted)) {
    const file = join(pki, `${name}.key`);
    if (existsSync(file)) continue;
    writeWhole(file, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, PRIVATE, owner);
    report(`made ${name}`);
  }
}

/** A process makes its keys itself; what it enrols for is not issued beside it. */
const isIssuedByHand = ({ enrols }: ListedLeaf): boolean => !enrols;

/** The holders to issue for. A name nobody has is a slip, and issuing nothing for it would look like success. */
function holdersOf(list: PkiList, only: readonly string[] | undefined): ReadonlySet<string> {
  const known = new Set([...Object.keys({ ...list.leaves, ...list.clientKeys }), ...list.secrets].map(holderOf));
  const stranger = only?.find((holder) => !known.has(holder));
  if (stranger === undefined) return only === undefined ? known : new Set(only);
  throw new MtlsConfigError(`"${stranger}" holds nothing in the PKI`, `name one of ${[...known].join(', ')}`);
}
