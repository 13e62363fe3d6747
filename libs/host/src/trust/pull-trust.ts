import { setTimeout as sleep } from 'node:timers/promises';
import { Acknowledgements, MtlsConfigError, TRUST_FRESHNESS } from '@holdfast/mtls';
import type { Acknowledgement, HeldCertificate, LiveTrust, TrustState } from '@holdfast/mtls';
import { z } from 'zod';
import type { HttpClient } from '../client/http-client.ts';
import type { ProcessContext } from '../process/context.ts';
import type { FeedReports } from './open-trust.ts';

export interface TrustPullParts {
  /** Base URL of the certificate authority. */
  readonly url: string;
  /** Closed together with the pull. */
  readonly http: HttpClient;
  readonly live: LiveTrust;
  readonly clock: ProcessContext<unknown>['clock'];
  readonly held: () => readonly HeldCertificate[];
  /** Which process of its holder this is. */
  readonly instance: string;
  readonly reports: FeedReports;
  /** Whether a stream brings the same: then nothing is asked while it does. */
  readonly spare: boolean;
}

const purpose = z.strictObject({ authorities: z.string(), revocationLists: z.string(), issuer: z.string() });
const stateShape = z.strictObject({
  version: z.int(),
  purposes: z.strictObject({ web: purpose, participants: purpose, services: purpose }),
});

/** Asks the certificate authority over HTTPS, every second, whether anything has changed. */
export class TrustPull {
  readonly #parts: TrustPullParts;
  readonly #acknowledgements: Acknowledgements;
  readonly #stop = new AbortController();
  /** What the authority calls the state in force here. */
  #tag: { readonly version: number; readonly text: string } | undefined;
  #isBroken = false;
  #running: Promise<void> | undefined;

  constructor(parts: TrustPullParts) {
    this.#parts = parts;
    this.#acknowledgements = new Acknowledgements(parts);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const within = AbortSignal.timeout(TRUST_FRESHNESS.leaveMs);
    await this.#acknowledgements.leave((news) => this.#acknowledge(news, within));
    await this.#parts.http.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (!this.#isServed()) await this.#ask();
      await sleep(TRUST_FRESHNESS.heartbeatMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Whether the stream has spoken within the last heartbeats. */
  #isServed(): boolean {
    const { clock, live, spare } = this.#parts;
    if (!spare || live.confirmedAt === undefined) return false;
    return clock.now().getTime() - live.confirmedAt.getTime() < 2 * TRUST_FRESHNESS.heartbeatMs;
  }

  async #ask(): Promise<void> {
    const { reports } = this.#parts;
    try {
      await this.#pull();
      if (this.#isBroken) reports.onRestored();
      this.#isBroken = false;
      await this.#acknowledgements.tell((news) => this.#acknowledge(news, this.#stop.signal));
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (error instanceof MtlsConfigError) reports.onRefused(error);
      else if (!this.#isBroken) reports.onBroken(error);
      this.#isBroken = true;
    }
  }

  async #pull(): Promise<void> {
    const { clock, http, live, url } = this.#parts;
    const tag = this.#tag?.version === live.version ? this.#tag : undefined;
    const headers = tag === undefined ? {} : { 'if-none-match': tag.text };
    const answer = await http.fetch(`${url}/trust`, { headers, signal: this.#stop.signal });
    const text = await answer.text();
    // RFC9110-15.4.5: what we have is what there is.
    if (answer.status === 304 && tag !== undefined) {
      live.confirm(clock.now());
      return;
    }
    if (answer.status !== 200) throw new Error(`the certificate authority answered ${answer.status}`);
    const state = readState(text);
    live.apply(state, clock.now());
    const given = answer.headers.get('etag');
    this.#tag = given === null ? undefined : { version: state.version, text: given };
  }

  async #acknowledge({ instance, version, certificates }: Acknowledgement, signal: AbortSignal): Promise<void> {
    const { http, url } = this.#parts;
    const told = certificates.map((each) => ({ ...each, notAfter: Math.floor(each.notAfter.getTime() / 1000) }));
    const answer = await http.fetch(`${url}/trust/acknowledgements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instance, version, certificates: told }),
      signal,
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the certificate authority took no acknowledgement: ${answer.status}`);
  }
}

function readState(text: string): TrustState {
  try {
    return stateShape.parse(JSON.parse(text));
  } catch (cause) {
    throw new MtlsConfigError(
      'the certificate authority answered with something else than a state of the trust',
      'look at the certificate authority: it is of another version, or not ours',
      { cause },
    );
  }
}
