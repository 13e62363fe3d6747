import type { ProcessContext, RunningListener } from '@holdfast/host';
import { httpClient, openHoldings, openTrust, startEnrolment, startListener } from '@holdfast/host';
import type { IdentitySource } from '@holdfast/mtls';
import { createSealedBox, makeSealingKey, openStore, readSealingKey } from '@holdfast/store';
import { AccountReader } from './accounts/account-reader.ts';
import { AssetStore } from './assets/asset-store.ts';
import { BackChannel } from './authorization-server/back-channel.ts';
import { Discovery } from './authorization-server/discovery.ts';
import { BankClient } from './bank/bank-client.ts';
import type { FintechConfig } from './config.ts';
import { redirectUri } from './config.ts';
import { LinkAttempts } from './link/link-attempts.ts';
import { Links } from './link/links.ts';
import { Withdrawal } from './link/withdrawal.ts';
import { refusalPage } from './pages/refusal-page.ts';
import { PageSender, pageCsp } from './pages/page-sender.ts';
import { PROFILE } from './profile.ts';
import { Sessions } from './session/sessions.ts';
import { Visits } from './session/visits.ts';
import { migrations } from './store/migrations.ts';
import type { FintechTables } from './store/tables.ts';
import { TidepoolModule, WEB_EXPOSURE } from './tidepool.module.ts';
import { AccessTokens } from './tokens/access-tokens.ts';

export interface RunningTidepool {
  readonly listener: RunningListener;
  readonly withdrawal: Withdrawal;
  /** The certificate presented to the bank. */
  readonly clientIdentity: IdentitySource;
  readonly close: () => Promise<void>;
}

const TOKEN_KEY_REMEDY = 'Restore it from a backup; or delete it together with the database, and link the bank again.';

/** Builds Tidepool from its parts and opens its door. Reads top to bottom as a list of what there is. */
export async function startTidepool(ctx: ProcessContext<FintechConfig>): Promise<RunningTidepool> {
  const { config, clock, random, audit } = ctx;
  const trust = openTrust(ctx, config.authority);
  const holdings = openHoldings(ctx);
  const { authority, names } = config;
  const enrolment = await startEnrolment({ ctx, authority, names, trust, holdings });
  const webIdentity = holdings.identity(config.web.identity);
  const clientIdentity = holdings.identity(config.client.identity);
  trust.follow({ identity: clientIdentity, names: config.names, held: holdings.held });
  const store = await openStore<FintechTables>(config.store, { home: ctx.home, migrations });
  makeSealingKey(ctx.path(config.tokenKey), random);
  const box = createSealedBox(readSealingKey(ctx.path(config.tokenKey), TOKEN_KEY_REMEDY), random);

  const http = httpClient({
    identity: clientIdentity,
    serverTrust: trust.of('web'),
    names: config.names,
    deadlineMs: PROFILE.callTimeout,
    maxAnswerBytes: PROFILE.answerBytes,
  });
  const { issuer, api: bankApi } = config.bank;
  const discovery = new Discovery({ issuer, clientId: config.client.id, http, ctx });
  const backChannel = new BackChannel({ discovery, identity: clientIdentity, clock });

  const sessions = new Sessions(store, clock, random);
  const links = new Links({ store, sessions, box, clock });
  const attempts = new LinkAttempts({ store, box, clock });
  const withdrawal = new Withdrawal({ store, sessions, links, backChannel, audit, ctx });
  const visits = new Visits({ sessions, links, audit, origin: config.web.origin });

  const tokens = new AccessTokens({ links, backChannel, identity: clientIdentity, clock, audit });
  const reader = new AccountReader({ bank: new BankClient(bankApi, http), tokens, issuer, clock, log: ctx.log });
  const assets = new AssetStore();
  const pages = new PageSender({
    assets: assets.urls,
    bank: config.bank.name,
    timeZone: config.web.timeZone,
    discovery,
  });

  ctx.health.add('store', () => store.ping());
  ctx.health.add('login service of the bank', () => void discovery.configuration());

  const link = { backChannel, attempts, links, random, audit, issuer, bankApi, redirectUri: redirectUri(config) };
  const listener = await startListener({
    name: 'web',
    module: TidepoolModule.with({ visits, pages, discovery, reader, assets, withdrawal, link, clientIdentity }),
    identity: webIdentity,
    address: config.web.listener,
    exposure: WEB_EXPOSURE,
    ctx,
    csp: pageCsp(),
    errorPage: (error, request) => refusalPage(pages, error, request),
    rateLimit: { requests: PROFILE.requestsPerMinute, perSeconds: 60 },
  });

  return {
    listener,
    withdrawal,
    clientIdentity,
    close: async () => {
      await listener.close();
      await Promise.all([discovery.stopped(), withdrawal.stopped()]);
      await http.close();
      await store.close();
      await enrolment.close();
      await trust.close();
      holdings.close();
    },
  };
}
