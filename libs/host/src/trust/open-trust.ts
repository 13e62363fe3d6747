import { loadLiveTrust, TRUST_FRESHNESS } from '@holdfast/mtls';
import type { HeldCertificate, IdentitySource, LiveTrust, MtlsConfigError, NameResolution } from '@holdfast/mtls';
import { httpClient } from '../client/http-client.ts';
import type { AuthorityConfig } from '../config/schemas.ts';
import type { ProcessContext } from '../process/context.ts';
import { TrustPull } from './pull-trust.ts';

/** Enough that no two processes ever choose the same name for themselves. Our choice, no clause. */
const INSTANCE_BITS = 128;

/** Trust and revocation of this process, and the way to the authority that says what they are. */
export interface ProcessTrust extends Pick<LiveTrust, 'of'> {
  readonly live: LiveTrust;
  /**
   * Follows the authority over HTTPS where the configuration names one, and has `/health` tell of the certificates held and of
   * the trust.
   */
  follow(options: FollowOptions): void;
  /** What a follower of the gRPC feed is given beside its connection. */
  readonly feed: FeedReports & {
    readonly live: LiveTrust;
    readonly clock: ProcessContext<unknown>['clock'];
    readonly instance: string;
  };
  close(): Promise<void>;
}

export interface FollowOptions {
  /** With this the process acknowledges what it was told. */
  readonly identity: IdentitySource;
  readonly names: NameResolution;
  /** The certificates presented now. */
  readonly held: () => readonly HeldCertificate[];
}

/** What is reported of following the authority, whichever way. */
export interface FeedReports {
  readonly onRefused: (problem: MtlsConfigError) => void;
  readonly onBroken: (error: unknown) => void;
  readonly onRestored: () => void;
  /** Somebody else answered at the address of the authority. */
  readonly onServerRefused: (refusal: { readonly target: string; readonly reason: string }) => void;
}

/**
 * Loads what is trusted until the authority has spoken. With an authority in the configuration its silence makes the process
 * unready, and then refuse everybody; without one the folder is followed.
 * @throws MtlsConfigError when a bundle or a list is missing, empty, forged or cut short: the process does not start
 */
export function openTrust(ctx: ProcessContext<unknown>, { trust, url, feed }: AuthorityConfig): ProcessTrust {
  const { clock, health, random } = ctx;
  const instance = random.token(INSTANCE_BITS);
  const reports = reportsOf(ctx);
  const follow = url === undefined && feed === undefined ? 'folder' : 'authority';
  const live = loadLiveTrust(ctx.path(trust), { follow, now: () => clock.now(), report: reports.onRefused });
  health.add('trust', () => live.checkFresh(clock.now()));
  let pull: TrustPull | undefined;
  return {
    live,
    feed: { ...reports, live, clock, instance },
    of: (purpose) => live.of(purpose),
    follow({ identity, names, held }) {
      health.tell({ held, trust: live });
      if (url === undefined) return;
      // By what was known last: only the authority can end a silence, so it must be reached in the middle of one.
      const { trust: authorities, lastKnown: revocations } = live.of('web');
      const serverTrust = { trust: authorities, revocations };
      const deadlineMs = 2 * TRUST_FRESHNESS.heartbeatMs;
      const http = httpClient({ identity, serverTrust, names, clock, deadlineMs });
      pull = new TrustPull({ url, http, live, clock, held, instance, reports, spare: feed !== undefined });
      pull.start();
    },
    async close() {
      await pull?.close();
      live.close();
    },
  };
}

function reportsOf({ audit, log }: ProcessContext<unknown>): FeedReports {
  return {
    onRefused({ message, remedy }) {
      audit({ action: 'trust.apply', outcome: 'refused', reason: 'trust_unfit', evidence: { problem: message } });
      log.error({ problem: message, remedy }, 'what is told of trust is not taken; what is in force stays');
    },
    onBroken: (error) => log.warn({ err: error }, 'the certificate authority cannot be reached; trying on'),
    onRestored: () => log.info('the certificate authority is reached again'),
    onServerRefused: ({ target, reason }) =>
      audit({ action: 'trust.follow', outcome: 'refused', reason, evidence: { target } }),
  };
}
