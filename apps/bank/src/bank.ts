import type { ProcessContext, RunningProcess } from '@holdfast/host';
import { httpClient, startListener } from '@holdfast/host';
import { loadIdentity, loadTrust, mtlsServerTls } from '@holdfast/mtls';
import { connectRpc, serveRpc } from '@holdfast/rpc';
import { TokenStatus } from '@holdfast/rpc/authorization';
import { AccountDirectory } from '@holdfast/rpc/bank';
import { openStore } from '@holdfast/store';
import { API_EXPOSURE, ApiModule } from './accounts/api.module.ts';
import type { BankConfig } from './config.ts';
import { accountDirectory } from './consents/account-directory.ts';
import { ConsentStore } from './consents/consent-store.ts';
import { auditRpcRefusals } from './consents/rpc-refusals.ts';
import { seedDemoCustomers } from './demo-data/seed.ts';
import { Ledger } from './ledger/ledger.ts';
import { bankMigrations } from './ledger/migrations.ts';
import type { BankTables } from './ledger/tables.ts';
import { IssuerKeys } from './token-trust/issuer-keys.ts';
import { RevocationWatch } from './token-trust/revocation-watch.ts';

/** Bits of randomness in the ids of accounts, transactions and consents: they are opaque, and nobody can guess one. */
const ID_BITS = 160;

/** The bank as a list of its parts. Closing frees them in the opposite order: the doors first, the store last. */
export async function startBank(ctx: ProcessContext<BankConfig>): Promise<RunningProcess> {
  const { config, clock, audit, log, health } = ctx;
  const { names, api, rpc, authorizationServer, revocations } = config;
  await using parts = new AsyncDisposableStack();
  const elapsed = () => performance.now();
  const newId = (prefix: string) => `${prefix}_${ctx.random.token(ID_BITS)}`;
  const identity = (files: { certificate: string; key: string }) =>
    parts.adopt(loadIdentity({ certificate: ctx.path(files.certificate), key: ctx.path(files.key) }), (source) =>
      source.close(),
    );

  const store = await openStore<BankTables>(config.store, { home: ctx.home, migrations: bankMigrations });
  parts.defer(() => store.close());
  if (await seedDemoCustomers({ db: store.db, newId, now: clock.now() })) log.info('demo customers written');
  const consents = new ConsentStore({ db: store.db, newId: () => newId('con') });

  const apiIdentity = identity(api.identity);
  const serviceIdentity = identity(rpc.identity);
  const peers = loadTrust(ctx.path(rpc.peers));

  const http = httpClient({ serverTrust: loadTrust(ctx.path(authorizationServer.webTrust)), names, deadlineMs: 3_000 });
  parts.defer(() => http.close());
  const keys = new IssuerKeys({ issuer: authorizationServer.issuer, http, log, elapsed });
  parts.defer(() => keys.close());

  const tokenStatus = connectRpc(TokenStatus, {
    target: authorizationServer.rpc.target,
    expect: authorizationServer.rpc.service,
    identity: serviceIdentity,
    serverTrust: peers,
    names,
    deadlineMs: revocations.introspectionDeadline,
  });
  parts.defer(() => tokenStatus.close());
  const watch = new RevocationWatch({ tokenStatus, clock, elapsed, log, ...revocations });
  parts.defer(() => watch.close());

  const directory = await serveRpc({
    name: 'bank',
    address: rpc.listener,
    identity: serviceIdentity,
    peers,
    callers: rpc.callers,
    services: [
      { definition: AccountDirectory, implementation: accountDirectory({ db: store.db, consents, clock, audit }) },
    ],
    onDecision: auditRpcRefusals(audit),
    onFailure: ({ method, code, error }) => log.warn({ method, code, err: error }, 'a call failed'),
  });
  parts.defer(() => directory.close());

  const { issuer } = authorizationServer;
  const { audience } = api;
  const listener = await startListener({
    name: 'api',
    module: ApiModule.with(
      { issuer, audience, keys: keys.find, revocations: watch, clock, audit },
      { ledger: new Ledger(store.db), consents, clock, audience },
    ),
    tls: mtlsServerTls(apiIdentity, loadTrust(ctx.path(api.clientTrust))),
    identity: apiIdentity,
    address: api.listener,
    exposure: API_EXPOSURE,
    ctx,
  });
  parts.defer(() => listener.close());

  void keys.run();
  void watch.run();
  health.add('store', () => store.ping());
  health.add('token-keys', () => keys.checkReady());
  health.add('revocations', () => watch.checkReady());

  const running = parts.move();
  return { close: () => running.disposeAsync(), ready: [listener.url] };
}
