import type { HeldCertificate, LiveTrust } from '@holdfast/mtls';

/** Readiness is the conjunction of all checks; a check fails by throwing. */
export interface Health {
  /**
   * @param name shown by `/readyz` when the check fails, so it must tell nothing secret
   * @param check throws, or rejects, when the process should get no traffic
   */
  add(name: string, check: () => Promise<void> | void): void;
  /** What `/readyz` answers. */
  readiness(): Promise<Readiness>;
  /** Has `/health` and `/metrics` tell of the certificates and the trust of this process. */
  tell(vitals: Vitals): void;
  /** What they tell of; undefined in a process that has said nothing. */
  readonly vitals: Vitals | undefined;
}

/** What runs out, and must be seen to before it does. */
export interface Vitals {
  /** The certificates presented now. */
  readonly held: () => readonly HeldCertificate[];
  readonly trust: LiveTrust;
}

export interface Readiness {
  readonly ready: boolean;
  /** Names of the checks that failed. */
  readonly failing: readonly string[];
}

// Our choice, no clause: a check that does not answer has failed; and since anybody may ask, an answer serves for a while.
const CHECK_TIMEOUT_MS = 2_000;
const ANSWER_LIFETIME_MS = 500;

export class ProcessHealth implements Health {
  readonly #checks = new Map<string, () => Promise<void> | void>();
  #draining = false;
  #vitals: Vitals | undefined;
  #answer: { readonly result: Promise<Readiness>; readonly until: number } | undefined;

  add(name: string, check: () => Promise<void> | void): void {
    if (this.#checks.has(name)) throw new TypeError(`two health checks are called ${name}`);
    this.#checks.set(name, check);
    this.#answer = undefined;
  }

  tell(vitals: Vitals): void {
    this.#vitals = vitals;
  }

  get vitals(): Vitals | undefined {
    return this.#vitals;
  }

  /** From now on not ready, so that nobody sends new work while the old is being finished. */
  drain(): void {
    this.#draining = true;
  }

  readiness(): Promise<Readiness> {
    if (this.#draining) return Promise.resolve({ ready: false, failing: ['draining'] });
    const now = performance.now();
    if (this.#answer === undefined || this.#answer.until < now)
      this.#answer = { result: this.#ask(), until: now + ANSWER_LIFETIME_MS };
    return this.#answer.result;
  }

  async #ask(): Promise<Readiness> {
    const failed = await Promise.all(
      [...this.#checks].map(async ([name, check]) => ((await passes(check)) ? [] : [name])),
    );
    const failing = failed.flat();
    return { ready: failing.length === 0, failing };
  }
}

async function passes(check: () => Promise<void> | void): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([(async () => check())(), late]);
    return true;
  } catch {
    // The reason is the check's own to log; the answer to the outside is its name alone.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
