import { setTimeout as sleep } from 'node:timers/promises';
import { refuse } from '@holdfast/fapi';
import type { KeySource } from '@holdfast/fapi/rs';
import type { HttpClient, Logger } from '@holdfast/host';
import { metadataUrl, parseJwksUri } from './issuer-metadata.ts';
import { Outage } from './outage.ts';
import type { VerificationKey } from './signing-keys.ts';
import { importSigningKeys } from './signing-keys.ts';

/** Milliseconds. Our choices, no clause. */
export interface KeyTimes {
  /** Between two looks for new and withdrawn keys. */
  readonly refreshEvery: number;
  /** Between two attempts while there are no keys. */
  readonly retryEvery: number;
  /** At least this long between two looks that a token with an unknown `kid` provokes: anybody can send one. */
  readonly cooldown: number;
  /** Keys last confirmed longer ago than this verify nothing: a withdrawn key must not live on here. */
  readonly usableFor: number;
}

export const KEY_TIMES: KeyTimes = {
  refreshEvery: 60_000,
  retryEvery: 500,
  cooldown: 10_000,
  usableFor: 600_000,
};

export interface IssuerKeysParts {
  readonly issuer: string;
  /** Verifies the authorization server's certificate against the web trust. */
  readonly http: Pick<HttpClient, 'fetch'>;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly times?: KeyTimes;
}

/** The authorization server's verification keys, held here so that no request waits for it. */
export class IssuerKeys {
  readonly #parts: IssuerKeysParts;
  readonly #times: KeyTimes;
  readonly #stop = new AbortController();
  readonly #outage: Outage;
  #keys: ReadonlyMap<string, VerificationKey> = new Map();
  #confirmedAt = -Infinity;
  #provokedAt = -Infinity;
  #loading: Promise<boolean> | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: IssuerKeysParts) {
    this.#parts = parts;
    this.#times = parts.times ?? KEY_TIMES;
    this.#outage = new Outage(parts.log, 'fetching the keys of the authorization server');
  }

  /**
   * The engine's question.
   * @throws OAuthError 503 `temporarily_unavailable` when there are no keys to judge by
   */
  readonly find: KeySource = async ({ alg, kid }) => {
    if (alg !== 'ES256') return undefined;
    if (!this.#usable()) throw refuse('temporarily_unavailable', 'token_keys_unavailable');
    const known = this.#keys.get(kid);
    if (known !== undefined) return known;
    // A look that is under way already is waited for by everybody: whose token provoked it does not decide who is served.
    await (this.#mayBeProvoked() ? this.#load() : this.#loading);
    return this.#keys.get(kid);
  };

  /** @throws Error while there are no usable keys: the process is not ready */
  checkReady(): void {
    if (!this.#usable()) throw new Error('no usable keys of the authorization server');
  }

  /** Fetches now and then regularly until {@link close}; the authorization server may come later than the bank. */
  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const wait = (await this.#load()) ? this.#times.refreshEvery : this.#times.retryEvery;
      await sleep(wait, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
    }
  }

  #usable(): boolean {
    return this.#parts.elapsed() - this.#confirmedAt <= this.#times.usableFor;
  }

  #mayBeProvoked(): boolean {
    const now = this.#parts.elapsed();
    if (now - this.#provokedAt < this.#times.cooldown) return false;
    this.#provokedAt = now;
    return true;
  }

  /** One attempt at a time, whoever asks; true when it brought keys. */
  #load(): Promise<boolean> {
    this.#loading ??= this.#tryToLoad().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #tryToLoad(): Promise<boolean> {
    try {
      await this.#fetchKeys();
      this.#outage.succeeded();
      return true;
    } catch (error) {
      // The keys in hand stay as they are; how long they may be used is `usableFor`'s to say.
      if (!this.#stop.signal.aborted) this.#outage.failed(error);
      return false;
    }
  }

  async #fetchKeys(): Promise<void> {
    const { issuer, log, elapsed } = this.#parts;
    const jwksUri = parseJwksUri(await this.#json(metadataUrl(issuer)), issuer);
    const keys = await importSigningKeys(await this.#json(jwksUri));
    const news = [...keys.keys()].some((kid) => !this.#keys.has(kid)) || keys.size !== this.#keys.size;
    if (news) log.info({ kids: [...keys.keys()] }, 'verification keys of the authorization server loaded');
    this.#keys = keys;
    this.#confirmedAt = elapsed();
  }

  async #json(url: string): Promise<unknown> {
    const { signal } = this.#stop;
    const response = await this.#parts.http.fetch(url, { headers: { accept: 'application/json' }, signal });
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    return response.json();
  }
}
