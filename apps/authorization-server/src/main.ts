import {
  endAbandonedConsents,
  endConsentsOfRevokedGrants,
  endUnclaimedGrants,
  revokeGrantsOfDisabledClients,
} from '@holdfast/fapi/as';
import {
  defineProcess,
  housekeeping,
  openEdge,
  openHoldings,
  openTrust,
  startEnrolment,
  startListener,
} from '@holdfast/host';
import { connectRpc, serveRpc } from '@holdfast/rpc';
import { followTrustFeed } from '@holdfast/rpc/authority';
import { TokenStatus } from '@holdfast/rpc/authorization';
import { AccountDirectory } from '@holdfast/rpc/bank';
import { openStore } from '@holdfast/store';
import { decidersFrom } from './ciba/deciders.ts';
import { clientNotifications } from './ciba/http-notifier.ts';
import { PingDelivery } from './ciba/ping-delivery.ts';
import { clientsFrom } from './clients/client-registry.ts';
import { config } from './config.ts';
import { buildEngine } from './engine.ts';
import { rotateSigningKeys } from './keys/rotate-command.ts';
import { openSigningKeys } from './keys/signing-keys.ts';
import { BROWSER_EXPOSURE, browserModule, mtlsExposure, mtlsModule } from './listeners.ts';
import { buildLogin } from './login/build-login.ts';
import { errorPage } from './pages/error-page.tsx';
import { formPostPage } from './pages/form-post-page.tsx';
import { pageCsp } from './pages/csp.ts';
import { peopleFrom } from './people/people.ts';
import { auditRpc, auditServers } from './rpc/audit-rpc.ts';
import { consentHolder } from './rpc/consent-holder.ts';
import { tokenStatus } from './rpc/token-status.ts';
import { BrowserSessions } from './session/browser-sessions.ts';
import { migrations } from './state/schema.ts';
import type { AuthorizationTables } from './state/schema.ts';
import { sweepState } from './state/sweep.ts';

/** The authorization server as a parts list: store, engine, two HTTPS listeners, one gRPC listener. */
defineProcess({
  name: 'authorization-server',
  config,
  commands: { 'rotate-signing-keys': rotateSigningKeys },
  async start(ctx) {
    const { authority, browser, mtls, rpc, bank, names } = ctx.config;
    const trust = openTrust(ctx, authority);
    const holdings = openHoldings(ctx);
    const enrolment = await startEnrolment({ ctx, authority, names, trust, holdings });
    const identities = {
      browser: holdings.identity(browser.identity),
      mtls: holdings.identity(mtls.identity),
      service: holdings.identity(rpc.identity),
    };
    const following = { identity: identities.service, names, held: holdings.held };
    trust.follow(following);
    const feed = authority.feed && followTrustFeed({ ...following, ...trust.feed, target: authority.feed });

    const store = await openStore<AuthorizationTables>(ctx.config.store, { home: ctx.home, migrations });
    const keys = await openSigningKeys(ctx, store);
    const bankClient = connectRpc(AccountDirectory, {
      target: bank.target,
      identity: identities.service,
      serverTrust: trust.of('services'),
      expect: bank.service,
      names,
      deadlineMs: 3_000,
      onServerRefused: auditServers(ctx),
    });
    const people = peopleFrom(ctx.config.people);
    const configured = clientsFrom(ctx, trust.of('participants').trust);
    const notifier = clientNotifications(ctx, trust.of('web'));
    const engine = buildEngine(ctx, trust, store, keys.ring, people, consentHolder(bankClient), notifier, configured);
    await revokeGrantsOfDisabledClients(engine, [...configured.disabled, ...(ctx.config.registration?.disabled ?? [])]);
    const pings = new PingDelivery(engine, ctx.log);
    const deciders = await decidersFrom(ctx, engine.clients);
    const demo = deciders && { deciders, pings };
    const sessions = new BrowserSessions(store, ctx.clock, ctx.random);
    const { login, sweep: sweepLogins } = buildLogin(ctx, store, people);

    const rpcServer = await serveRpc({
      name: ctx.name,
      address: rpc.listener,
      identity: identities.service,
      peers: trust.of('services'),
      callers: rpc.callers,
      services: [{ definition: TokenStatus, implementation: tokenStatus(engine) }],
      ...auditRpc(ctx),
    });
    const mtlsListener = await startListener({
      name: 'mtls',
      module: mtlsModule(engine, demo),
      clients: trust.of('participants'),
      edge: openEdge(mtls.edge, { identity: identities.mtls, services: trust.of('services') }),
      otherDoors: [trust.of('services').trust, trust.of('web').trust],
      identity: identities.mtls,
      address: mtls.listener,
      exposure: mtlsExposure(engine, demo),
      ctx,
    });
    const browserListener = await startListener({
      name: 'browser',
      module: browserModule(engine, people, sessions, login, pings),
      identity: identities.browser,
      address: browser.listener,
      exposure: BROWSER_EXPOSURE,
      ctx,
      errorPage,
      formPostPage,
      csp: pageCsp(),
    });
    const chores = housekeeping(ctx, {
      endUnclaimedGrants: () => endUnclaimedGrants(engine),
      endConsents: () => endConsentsOfRevokedGrants(engine),
      endAbandonedConsents: () => endAbandonedConsents(engine),
      sweepState: () => sweepState(store, ctx.clock.now()),
      sweepLogins,
      sweepSessions: () => sessions.sweep(),
      sendPings: () => pings.send(),
      sweepSingleUse: () => store.singleUse.sweep(ctx.clock.now()),
      rotateSigningKeys: () => keys.keepRotating(),
    });
    keys.watch.start();

    ctx.health.add('store', () => store.ping());
    ctx.health.add('signing keys', () => keys.watch.checkReady());
    ctx.health.add('bank', () => bankClient.ready(1_000));
    return {
      ready: [browserListener.url, mtlsListener.url],
      async close() {
        await Promise.all([browserListener.close(), mtlsListener.close(), rpcServer.close()]);
        await chores.stop();
        await pings.close();
        await keys.watch.close();
        await bankClient.close();
        if (feed) await feed.close();
        await enrolment.close();
        await trust.close();
        holdings.close();
        await store.close();
      },
    };
  },
});
