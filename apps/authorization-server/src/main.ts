import { endConsentsOfRevokedGrants } from '@holdfast/fapi/as';
import { defineProcess, startListener } from '@holdfast/host';
import { browserServerTls, loadIdentity, loadTrust, mtlsServerTls } from '@holdfast/mtls';
import { connectRpc, serveRpc } from '@holdfast/rpc';
import { TokenStatus } from '@holdfast/rpc/authorization';
import { AccountDirectory } from '@holdfast/rpc/bank';
import { openStore } from '@holdfast/store';
import { config } from './config.ts';
import { buildEngine } from './engine.ts';
import { housekeeping } from './housekeeping.ts';
import { BROWSER_EXPOSURE, browserModule, MTLS_EXPOSURE, mtlsModule } from './listeners.ts';
import { errorPage } from './pages/error-page.tsx';
import { pageCsp } from './pages/csp.ts';
import { peopleFrom } from './people/people.ts';
import { auditRpc } from './rpc/audit-rpc.ts';
import { consentHolder } from './rpc/consent-holder.ts';
import { tokenStatus } from './rpc/token-status.ts';
import { BrowserSessions } from './session/browser-sessions.ts';
import { migrations } from './state/schema.ts';
import type { AuthorizationTables } from './state/schema.ts';

/** The authorization server as a parts list: store, engine, two HTTPS listeners, one gRPC listener. */
defineProcess({
  name: 'authorization-server',
  config,
  async start(ctx) {
    const { browser, mtls, rpc, bank, names } = ctx.config;
    const identity = ({ certificate, key }: typeof browser.identity) =>
      loadIdentity({ certificate: ctx.path(certificate), key: ctx.path(key) });
    const identities = {
      browser: identity(browser.identity),
      mtls: identity(mtls.identity),
      service: identity(rpc.identity),
    };
    const services = loadTrust(ctx.path(rpc.peers));

    const store = await openStore<AuthorizationTables>(ctx.config.store, { home: ctx.home, migrations });
    const bankClient = connectRpc(AccountDirectory, {
      target: bank.target,
      identity: identities.service,
      serverTrust: services,
      expect: bank.service,
      names,
      deadlineMs: 3_000,
    });
    const people = peopleFrom(ctx.config.people);
    const engine = await buildEngine(ctx, store, people, consentHolder(bankClient));
    const sessions = new BrowserSessions(store, ctx.clock, ctx.random);

    const rpcServer = await serveRpc({
      name: ctx.name,
      address: rpc.listener,
      identity: identities.service,
      peers: services,
      callers: rpc.callers,
      services: [{ definition: TokenStatus, implementation: tokenStatus(engine.state, ctx.clock) }],
      ...auditRpc(ctx),
    });
    const mtlsListener = await startListener({
      name: 'mtls',
      module: mtlsModule(engine),
      tls: mtlsServerTls(identities.mtls, loadTrust(ctx.path(mtls.clientTrust))),
      identity: identities.mtls,
      address: mtls.listener,
      exposure: MTLS_EXPOSURE,
      ctx,
    });
    const browserListener = await startListener({
      name: 'browser',
      module: browserModule(engine, people, sessions),
      tls: browserServerTls(identities.browser),
      identity: identities.browser,
      address: browser.listener,
      exposure: BROWSER_EXPOSURE,
      ctx,
      errorPage,
      csp: pageCsp(),
    });
    const chores = housekeeping(ctx, {
      endConsents: () => endConsentsOfRevokedGrants(engine),
      sweepSessions: () => sessions.sweep(),
      sweepSingleUse: () => store.singleUse.sweep(ctx.clock.now()),
    });

    ctx.health.add('store', () => store.ping());
    ctx.health.add('bank', () => bankClient.ready(1_000));
    return {
      ready: [browserListener.url, mtlsListener.url],
      async close() {
        await Promise.all([browserListener.close(), mtlsListener.close(), rpcServer.close()]);
        await chores.stop();
        await bankClient.close();
        for (const source of Object.values(identities)) source.close();
        await store.close();
      },
    };
  },
});
