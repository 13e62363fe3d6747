import { setTimeout as sleep } from 'node:timers/promises';
import { Acknowledgements, MtlsConfigError, perPurpose, TRUST_FRESHNESS } from '@holdfast/mtls';
import type {
  Acknowledgement,
  HeldCertificate,
  IdentitySource,
  LiveTrust,
  NameResolution,
  TrustState,
} from '@holdfast/mtls';
import { connectRpc } from '../connect-rpc.ts';
import { TrustFeedService } from '../gen/holdfast/authority/v1/trust_feed.ts';
import type { TrustUpdate } from '../gen/holdfast/authority/v1/trust_feed.ts';
import type { RpcClient } from '../rpc-client.ts';
import type { ServerRefusal } from '../server-identity.ts';

export interface TrustFeedOptions {
  /** `host:port` of the certificate authority. */
  readonly target: string;
  /** The service certificate of this process. */
  readonly identity: IdentitySource;
  /** What the feed is put in force in. */
  readonly live: LiveTrust;
  readonly names: NameResolution;
  readonly clock: { now(): Date };
  /** Which process of its holder this is: random, chosen at its start. */
  readonly instance: string;
  /** The certificates this process presents now; the authority is told of them. */
  readonly held: () => readonly HeldCertificate[];
  /** Told of a state that was refused and changed nothing. */
  readonly onRefused: (problem: MtlsConfigError) => void;
  /** Told once when the authority cannot be reached any more; it is tried again and again. */
  readonly onBroken: (error: unknown) => void;
  /** Told once when it can again. */
  readonly onRestored: () => void;
  readonly onServerRefused: (refusal: ServerRefusal) => void;
}

export interface FollowedFeed {
  close(): Promise<void>;
}

/** Milliseconds. Our choices, no clause; far below the silence that makes a process unready. */
const REOPEN = { first: 50, longest: 1_000 };
const SILENCE = 3 * TRUST_FRESHNESS.heartbeatMs;
const DEADLINE = 2_000;

/**
 * Follows the certificate authority: every state it sends is put in force and acknowledged, every sign of life confirms what is
 * in force. A stream that breaks, falls silent or speaks of another version than the one in force is opened again, and begins
 * with the whole state.
 *
 * The connection itself goes by what was known last of the services: otherwise nothing could ever end a silence.
 */
export function followTrustFeed(options: TrustFeedOptions): FollowedFeed {
  const { target, identity, live, names, clock, onServerRefused } = options;
  const { trust, lastKnown } = live.of('services');
  const client = connectRpc(TrustFeedService, {
    target,
    identity,
    serverTrust: { trust, revocations: lastKnown },
    expect: 'certificate-authority',
    names,
    deadlineMs: DEADLINE,
    clock,
    onServerRefused,
  });
  const stop = new AbortController();
  const running = new Follower(client, options, stop.signal).run();
  return {
    async close() {
      stop.abort();
      await running;
      await client.close();
    },
  };
}

class Follower {
  readonly #client: RpcClient<typeof TrustFeedService>;
  readonly #options: TrustFeedOptions;
  readonly #stop: AbortSignal;
  #isBroken = false;
  #acknowledgements: Acknowledgements;

  constructor(client: RpcClient<typeof TrustFeedService>, options: TrustFeedOptions, stop: AbortSignal) {
    this.#client = client;
    this.#options = options;
    this.#stop = stop;
    this.#acknowledgements = new Acknowledgements(options);
  }

  async run(): Promise<void> {
    let pause = REOPEN.first;
    while (!this.#stop.aborted) {
      const heard = await this.#follow();
      pause = heard ? REOPEN.first : Math.min(pause * 2, REOPEN.longest);
      await sleep(pause, undefined, { signal: this.#stop, ref: false }).catch(() => undefined);
    }
    await this.#acknowledgements.leave((news) =>
      this.#client.acknowledge(wireForm(news), { deadlineMs: TRUST_FRESHNESS.leaveMs }),
    );
  }

  /** One life of the stream; true when something in it was put in force or confirmed. */
  async #follow(): Promise<boolean> {
    const silent = new AbortController();
    const alarm = setTimeout(() => silent.abort(), SILENCE).unref();
    // An authority that was restored, or another replica of it, may have forgotten what it was told.
    this.#acknowledgements = new Acknowledgements(this.#options);
    let heard = false;
    try {
      const signal = AbortSignal.any([this.#stop, silent.signal]);
      for await (const update of this.#client.watch({}, { signal })) {
        alarm.refresh();
        if (!this.#take(update)) break;
        heard = true;
        this.#works();
        await this.#acknowledgements.tell((news) => this.#client.acknowledge(wireForm(news)));
      }
    } catch (error) {
      // A stream that has brought something ends from time to time: that is in order while the next one opens.
      if (!heard && !this.#stop.aborted) this.#fails(error);
    } finally {
      clearTimeout(alarm);
    }
    return heard;
  }

  #works(): void {
    if (this.#isBroken) this.#options.onRestored();
    this.#isBroken = false;
  }

  #fails(error: unknown): void {
    if (!this.#isBroken) this.#options.onBroken(error);
    this.#isBroken = true;
  }

  /** @returns whether what is in force here is what the authority speaks of */
  #take({ version, state }: TrustUpdate): boolean {
    const { live, clock, onRefused } = this.#options;
    try {
      if (state !== undefined) live.apply(stateFrom(version, state), clock.now());
      else if (version === live.version) live.confirm(clock.now());
      return version === live.version;
    } catch (error) {
      if (!(error instanceof MtlsConfigError)) throw error;
      onRefused(error);
      return false;
    }
  }
}

function stateFrom(version: number, { purposes }: NonNullable<TrustUpdate['state']>): TrustState {
  const of = perPurpose((wanted) => {
    const [found, ...more] = purposes.filter(({ purpose }) => purpose === wanted);
    if (found !== undefined && more.length === 0)
      return { authorities: found.authorities, revocationLists: found.revocationLists, issuer: found.issuer };
    throw new MtlsConfigError(
      `the feed speaks ${purposes.length === 0 ? 'of nothing' : 'not exactly once'} of ${wanted}`,
      'look at the certificate authority: it is of another version, or not ours',
    );
  });
  return { version, purposes: of };
}

const wireForm = ({ instance, version, certificates }: Acknowledgement) => ({
  instance,
  version,
  certificates: certificates.map(({ name, thumbprint, issuer = '', notAfter }) => ({
    name,
    thumbprint,
    issuer,
    notAfter: Math.floor(notAfter.getTime() / 1000),
  })),
});
