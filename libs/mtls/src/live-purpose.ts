import { MtlsConfigError } from './config-error.ts';
import { isSelfSigned } from './peer-certificate.ts';
import type { RevocationLists, Revocations } from './revocations.ts';
import { thumbprint } from './thumbprint.ts';
import type { Trust } from './trust.ts';
import type { TrustSource } from './trust-source.ts';

/** Whose certificates are taken at one door: both halves together, for trust without revocation takes what was taken back. */
export interface PeerTrust {
  readonly trust: TrustSource;
  readonly revocations: Revocations;
}

/** One purpose, live. */
export interface PurposeTrust extends PeerTrust {
  /**
   * The same lists without the question how old they are, run out or not: for the connection to the certificate authority itself,
   * which alone can bring newer ones. A machine that has slept for longer than a list lives wakes with nothing else. What they name
   * is refused here too.
   */
  readonly lastKnown: Revocations;
  /** `x5t#S256` of the intermediate that issues now, when the authority has said so. */
  readonly issuer: string | undefined;
  /** When the first of the revocation lists runs out. */
  readonly nextUpdate: Date;
}

/** What is in force for one purpose. */
export interface Material {
  readonly trust: Trust;
  readonly lists: RevocationLists;
  readonly listsText: string;
  readonly issuer: string | undefined;
}

export class LivePurpose implements PurposeTrust {
  readonly trust: TrustSource;
  readonly revocations: Revocations;
  readonly lastKnown: Revocations;
  readonly #trustListeners = new Set<(trust: Trust) => void>();
  readonly #revocationListeners = new Set<() => void>();
  /** The newest list seen of each authority, by its key: an authority that was gone for a while brings back no old list. */
  readonly #newest = new Map<string, { readonly number: bigint; readonly thisUpdate: Date }>();
  #material: Material;
  #revocationVersion = 0;

  constructor(first: Material, isFresh: (now: Date) => boolean) {
    this.#material = first;
    this.#remember(first);
    this.trust = { current: () => this.#material.trust, onChange: subscription(this.#trustListeners) };
    this.lastKnown = this.#revocations((cert) => this.#material.lists.lastWordOn(cert));
    this.revocations = this.#revocations((cert, now) => {
      const status = this.#material.lists.statusOf(cert, now);
      return status === 'good' && !isFresh(now) && !isSelfSigned(cert) ? 'unknown' : status;
    });
  }

  get issuer(): string | undefined {
    return this.#material.issuer;
  }

  get nextUpdate(): Date {
    return new Date(this.#material.lists.nextUpdate);
  }

  /** @throws MtlsConfigError for a list older than one that was in force: played again, it would let a revoked certificate in */
  checkNotOlder({ lists }: Material): void {
    for (const { authority, number, thisUpdate } of lists.all) {
      const newest = this.#newest.get(keyOf(authority));
      if (newest === undefined || (number >= newest.number && thisUpdate >= newest.thisUpdate)) continue;
      throw new MtlsConfigError(
        `the revocation list ${number} of ${thisUpdate.toISOString()} is older than ${newest.number} of ${newest.thisUpdate.toISOString()}, which is in force`,
        'somebody plays an old list again, or the certificate authority was restored from a backup',
      );
    }
  }

  /** @returns what tells each listener of what has changed */
  put(next: Material): readonly (() => void)[] {
    const before = this.#material;
    this.#material = next;
    this.#remember(next);
    const trustChanged = next.trust.pem !== before.trust.pem;
    const listsChanged = trustChanged || next.listsText !== before.listsText;
    if (listsChanged) this.#revocationVersion += 1;
    return [
      ...(trustChanged ? [...this.#trustListeners].map((listener) => () => listener(next.trust)) : []),
      ...(listsChanged ? this.#revocationListeners : []),
    ];
  }

  #remember({ lists }: Material): void {
    for (const { authority, number, thisUpdate } of lists.all)
      this.#newest.set(keyOf(authority), { number, thisUpdate });
  }

  #revocations(statusOf: Revocations['statusOf']): Revocations {
    const version = (): number => this.#revocationVersion;
    return {
      get version() {
        return version();
      },
      statusOf,
      onChange: subscription(this.#revocationListeners),
    };
  }
}

function subscription<L>(listeners: Set<L>): (listener: L) => () => void {
  return (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
}

const keyOf = ({ publicKey }: RevocationLists['all'][number]['authority']): string =>
  thumbprint(publicKey.export({ type: 'spki', format: 'der' }));
