import { join } from 'node:path';
import { MtlsConfigError } from './config-error.ts';
import { readMaterial } from './pem-certificates.ts';
import { LivePurpose } from './live-purpose.ts';
import type { Material, PurposeTrust } from './live-purpose.ts';
import { readRevocationLists } from './revocations.ts';
import { thumbprint } from './thumbprint.ts';
import { readTrust } from './trust.ts';
import { TRUST_FRESHNESS } from './trust-freshness.ts';
import { perPurpose, TRUST_PURPOSES } from './trust-state.ts';
import type { PurposeState, TrustPurpose, TrustState } from './trust-state.ts';

/** Trust and revocation of every purpose, in force in this process, changed while it runs. */
export interface LiveTrust {
  of(purpose: TrustPurpose): PurposeTrust;
  /** 0 until the authority has spoken; counts the changes of the folder where that is what is followed. */
  readonly version: number;
  /** When the authority, or the folder, last said that this is all there is; undefined before the authority's first word. */
  readonly confirmedAt: Date | undefined;
  /**
   * Puts a state in force, whole or not at all, and counts as a confirmation. The version in force is taken again without a
   * change.
   * @throws MtlsConfigError and changes nothing: for a bundle `loadTrust` would refuse, a list that is unsigned, missing or older
   *   than the one in force, or a version that goes back
   */
  apply(state: TrustState, now: Date): void;
  /** The authority has said that nothing has changed. */
  confirm(now: Date): void;
  /** @throws Error when nothing was heard for so long, or a list has run out, so that no more work should be taken */
  checkFresh(now: Date): void;
  /** Stops following the folder. */
  close(): void;
}

export interface LiveTrustOptions {
  /**
   * Who brings changes: `authority`, through `apply` and `confirm`, and its silence ends the trust; or `folder`, whose lists end
   * it when they run out.
   */
  readonly follow: 'authority' | 'folder';
  /** The clock. */
  readonly now: () => Date;
  /** Told once of every state of the folder that cannot be used; the old one stays in force. A process warning when absent. */
  readonly report?: (problem: MtlsConfigError) => void;
  /** How often the folder is looked at, in milliseconds. */
  readonly everyMs?: number;
}

/**
 * Loads trust from a folder with `<purpose>.pem` and `<purpose>.crl`.
 * @throws MtlsConfigError when anything there is missing, empty, forged or cut short: the process must not start
 */
export function loadLiveTrust(folder: string, options: LiveTrustOptions): LiveTrust {
  const { follow, now, everyMs = TRUST_FRESHNESS.folderMs, report = warn } = options;
  const first = readFolder(folder);
  const live = new Live(first, follow, now(), (purpose, end) => join(folder, `${purpose}.${end}`));
  if (follow === 'folder') live.follow(() => readFolder(folder), now, report, everyMs);
  return live;
}

/** Trust that starts from a state at hand, not from files. */
export function liveTrust(state: TrustState, follow: LiveTrustOptions['follow'], now: Date): LiveTrust {
  return new Live(state, follow, now, (purpose, end) => `${purpose}.${end}`);
}

type NameOf = (purpose: TrustPurpose, end: 'pem' | 'crl') => string;

class Live implements LiveTrust {
  readonly #follow: LiveTrustOptions['follow'];
  readonly #nameOf: NameOf;
  readonly #purposes: Readonly<Record<TrustPurpose, LivePurpose>>;
  #version: number;
  #confirmedAt: Date | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(first: TrustState, follow: LiveTrustOptions['follow'], now: Date, nameOf: NameOf) {
    this.#follow = follow;
    this.#nameOf = nameOf;
    this.#version = first.version;
    const isFresh = (at: Date): boolean => this.#isFresh(at);
    this.#purposes = perPurpose((purpose) => new LivePurpose(this.#read(purpose, first, now), isFresh));
  }

  of(purpose: TrustPurpose): PurposeTrust {
    return this.#purposes[purpose];
  }

  get version(): number {
    return this.#version;
  }

  get confirmedAt(): Date | undefined {
    return this.#confirmedAt;
  }

  apply(state: TrustState, now: Date): void {
    this.#checkVersion(state.version);
    if (state.version > this.#version) this.#put(state, now);
    this.confirm(now);
  }

  confirm(now: Date): void {
    this.#confirmedAt = now;
  }

  checkFresh(now: Date): void {
    const ended = TRUST_PURPOSES.find((purpose) => this.#purposes[purpose].nextUpdate <= now);
    if (ended !== undefined) throw new Error(`a revocation list of ${ended} has run out`);
    if (this.#follow === 'authority' && this.#silence(now) > TRUST_FRESHNESS.redAfterMs)
      throw new Error('no word of the certificate authority');
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Looks at `read` again and again; what cannot be used is tried again at every look and reported once. */
  follow(read: () => TrustState, now: () => Date, report: (problem: MtlsConfigError) => void, everyMs: number): void {
    let applied = fingerprint(read());
    this.confirm(now());
    let suspect: string | undefined;
    let reported: string | undefined;
    const look = (): void => {
      try {
        const state = read();
        const seen = fingerprint(state);
        if (seen !== applied) this.#put({ ...state, version: this.#version + 1 }, now());
        applied = seen;
        this.confirm(now());
        suspect = undefined;
        reported = undefined;
      } catch (error) {
        if (!(error instanceof MtlsConfigError)) throw error;
        const { message } = error;
        // A folder whose files are replaced one after the other is for a moment no state: what fails must fail twice to count.
        if (message === suspect && message !== reported) {
          reported = message;
          report(error);
        }
        suspect = message;
      }
    };
    this.#timer = setInterval(look, everyMs).unref();
  }

  /** Everything is read and compared before anything is changed; whoever listens is told after everything has changed. */
  #put(state: TrustState, now: Date): void {
    const next = perPurpose((purpose) => this.#read(purpose, state, now));
    for (const purpose of TRUST_PURPOSES) this.#purposes[purpose].checkNotOlder(next[purpose]);
    this.#version = state.version;
    tellAll(TRUST_PURPOSES.flatMap((purpose) => this.#purposes[purpose].put(next[purpose])));
  }

  #read(purpose: TrustPurpose, { purposes }: TrustState, now: Date): Material {
    const { authorities, revocationLists, issuer } = purposes[purpose];
    const trust = readTrust(authorities, this.#nameOf(purpose, 'pem'), now);
    const lists = readRevocationLists(revocationLists, this.#nameOf(purpose, 'crl'), trust);
    return { trust, lists, listsText: revocationLists, issuer };
  }

  #checkVersion(version: number): void {
    if (Number.isSafeInteger(version) && version > 0 && version >= this.#version) return;
    throw new MtlsConfigError(
      `version ${version} of the trust goes back behind ${this.#version}`,
      'look for a restored or second certificate authority',
    );
  }

  // A corrected clock counts both ways: a confirmation from the future is as little worth as one from long ago.
  #silence(now: Date): number {
    return this.#confirmedAt === undefined ? Infinity : Math.abs(now.getTime() - this.#confirmedAt.getTime());
  }

  #isFresh(now: Date): boolean {
    return this.#follow === 'folder' || this.#silence(now) <= TRUST_FRESHNESS.graceMs;
  }
}

function readFolder(folder: string): TrustState {
  const read = (purpose: TrustPurpose): PurposeState => ({
    authorities: readMaterial(join(folder, `${purpose}.pem`)),
    revocationLists: readMaterial(join(folder, `${purpose}.crl`)),
    issuer: undefined,
  });
  return { version: 0, purposes: perPurpose(read) };
}

const fingerprint = ({ purposes }: TrustState): string =>
  thumbprint(Buffer.from(TRUST_PURPOSES.map((p) => purposes[p].authorities + purposes[p].revocationLists).join('\n')));

function warn(problem: MtlsConfigError): void {
  process.emitWarning(`${problem.message}; the trust in force stays; ${problem.remedy}`);
}

/** Tells everyone, whoever stumbles: one door that cannot follow must not keep another from cutting the connections of the revoked. */
function tellAll(listeners: readonly (() => void)[]): void {
  const failures: unknown[] = [];
  for (const tell of listeners) {
    try {
      tell();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} could not follow a change of trust`);
}
