import { DPOP, dpopNonces } from '@holdfast/fapi/rs';
import type { Holdings, ProcessContext, ProcessTrust, RunningListener, RunningProcess } from '@holdfast/host';
import {
  housekeeping,
  httpClient,
  loadSecretKey,
  openEdge,
  openHoldings,
  openTrust,
  startEnrolment,
  startListener,
} from '@holdfast/host';
import type { IdentitySource } from '@holdfast/mtls';
import { connectRpc, serveRpc } from '@holdfast/rpc';
import { followTrustFeed } from '@holdfast/rpc/authority';
import { TokenStatus } from '@holdfast/rpc/authorization';
import { AccountDirectory } from '@holdfast/rpc/bank';
import type { Store } from '@holdfast/store';
import { openStore } from '@holdfast/store';
import { proofReplays } from './access/proof-replays.ts';
import { API_EXPOSURE, ApiModule } from './accounts/api.module.ts';
import type { BankConfig } from './config.ts';
import { accountDirectory } from './consents/account-directory.ts';
import { ConsentStore } from './consents/consent-store.ts';
import { auditRpcRefusals, auditServers } from './consents/rpc-refusals.ts';
import { seedDemoCustomers } from './demo-data/seed.ts';
import { Ledger } from './ledger/ledger.ts';
import { bankMigrations } from './ledger/migrations.ts';
import type { BankTables } from './ledger/tables.ts';
import { IssuerKeys } from './token-trust/issuer-keys.ts';
import { RevocationWatch } from './token-trust/revocation-watch.ts';

/** Bits of randomness in the ids of accounts, transactions and consents: they are opaque, and nobody can guess one. */
const ID_BITS = 160;

/** What every part is built from, and the stack that frees them in the opposite order: the doors first, the store last. */
interface Building {
  readonly ctx: ProcessContext<BankConfig>;
  readonly parts: AsyncDisposableStack;
  readonly trust: ProcessTrust;
  readonly holdings: Holdings;
}

type Books = Awaited<ReturnType<typeof openBooks>>;
type TokenTrust = ReturnType<typeof followAuthorizationServer>;

/** The bank as a list of its parts. */
export async function startBank(ctx: ProcessContext<BankConfig>): Promise<RunningProcess> {
  await using parts = new AsyncDisposableStack();
  const building = { ctx, parts, ...(await openKeys(ctx, parts)) };
  const service = building.holdings.identity(ctx.config.rpc.identity);
  followAuthority(building, service);
  const books = await openBooks(building);
  const tokens = followAuthorizationServer(building, service);
  await serveAccountDirectory(building, service, books);
  const api = await serveAccountApi(building, books, tokens);
  const running = parts.move();
  return { close: () => running.disposeAsync(), ready: [api.url] };
}

/** Whom the bank trusts, and the certificates it presents. */
async function openKeys(ctx: ProcessContext<BankConfig>, parts: AsyncDisposableStack) {
  const { authority, names } = ctx.config;
  const trust = openTrust(ctx, authority);
  parts.defer(() => trust.close());
  const holdings = openHoldings(ctx);
  parts.defer(() => holdings.close());
  const enrolment = await startEnrolment({ ctx, authority, names, trust, holdings });
  parts.defer(() => enrolment.close());
  return { trust, holdings };
}

/** The certificate authority says whom to trust: over its stream, and over HTTPS while that is down. */
function followAuthority({ ctx, parts, trust, holdings }: Building, identity: IdentitySource): void {
  const { authority, names } = ctx.config;
  const following = { identity, names, held: holdings.held };
  trust.follow(following);
  if (authority.feed === undefined) return;
  const feed = followTrustFeed({ ...following, ...trust.feed, target: authority.feed });
  parts.defer(() => feed.close());
}

async function openBooks({ ctx, parts }: Building) {
  const options = { home: ctx.home, migrations: bankMigrations };
  const store: Store<BankTables> = await openStore<BankTables>(ctx.config.store, options);
  parts.defer(() => store.close());
  ctx.health.add('store', () => store.ping());
  const newId = (prefix: string) => `${prefix}_${ctx.random.token(ID_BITS)}`;
  const seeded = await seedDemoCustomers({ db: store.db, newId, now: ctx.clock.now() });
  if (seeded) ctx.log.info('demo customers written');
  const consents = new ConsentStore({ db: store.db, newId: () => newId('con') });
  const chores = housekeeping(ctx, { sweepProofs: () => store.singleUse.sweep(ctx.clock.now()) });
  parts.defer(() => chores.stop());
  return { db: store.db, consents, ledger: new Ledger(store.db), replays: proofReplays(store.singleUse) };
}

/** Both start without the authorization server and are red until it is there. */
function followAuthorizationServer({ ctx, parts, trust }: Building, identity: IdentitySource) {
  const { authorizationServer, names, revocations } = ctx.config;
  const { clock, log, health } = ctx;
  const elapsed = () => performance.now();

  const http = httpClient({ serverTrust: trust.of('web'), names, clock, deadlineMs: 3_000 });
  parts.defer(() => http.close());
  const keys = new IssuerKeys({ issuer: authorizationServer.issuer, http, log, elapsed });
  parts.defer(() => keys.close());
  keys.start();
  health.add('token-keys', () => keys.checkReady());

  const tokenStatus = connectRpc(TokenStatus, {
    target: authorizationServer.rpc.target,
    expect: authorizationServer.rpc.service,
    identity,
    serverTrust: trust.of('services'),
    names,
    deadlineMs: revocations.introspectionDeadline,
    onServerRefused: auditServers(ctx.audit),
  });
  parts.defer(() => tokenStatus.close());
  const watch = new RevocationWatch({ tokenStatus, clock, elapsed, log, ...revocations });
  parts.defer(() => watch.close());
  watch.start();
  health.add('revocations', () => watch.checkReady());
  return { keys: keys.find, revocations: watch };
}

async function serveAccountDirectory(
  { ctx, parts, trust }: Building,
  identity: IdentitySource,
  books: Books,
): Promise<void> {
  const { audit, clock, log } = ctx;
  const { rpc } = ctx.config;
  const server = await serveRpc({
    name: 'bank',
    address: rpc.listener,
    identity,
    peers: trust.of('services'),
    callers: rpc.callers,
    services: [{ definition: AccountDirectory, implementation: accountDirectory({ ...books, clock, audit }) }],
    onDecision: auditRpcRefusals(audit),
    onFailure: ({ method, code, error }) => log.warn({ method, code, err: error }, 'a call failed'),
  });
  parts.defer(() => server.close());
}

async function serveAccountApi(building: Building, books: Books, tokens: TokenTrust): Promise<RunningListener> {
  const { ctx, holdings, parts, trust } = building;
  const { api, authorizationServer, dpop: judging } = ctx.config;
  const { audit, clock } = ctx;
  const identity = holdings.identity(api.identity);
  const nonces = dpopNonces(loadSecretKey(ctx.path(judging.nonceKey)), DPOP.nonceStepSeconds);
  const dpop = { origins: judging.origins, nonces, replays: books.replays };
  const gate = { ...tokens, dpop, issuer: authorizationServer.issuer, audience: api.audience, clock, audit };
  const listener = await startListener({
    name: 'api',
    module: ApiModule.with(gate, { ...books, audience: api.audience, clock }),
    clients: trust.of('participants'),
    edge: openEdge(api.edge, { identity, services: trust.of('services') }),
    otherDoors: [trust.of('services').trust, trust.of('web').trust],
    identity,
    address: api.listener,
    exposure: API_EXPOSURE,
    ctx,
  });
  parts.defer(() => listener.close());
  return listener;
}
