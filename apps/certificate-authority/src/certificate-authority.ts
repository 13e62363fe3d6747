import type { ProcessContext, RunningListener, RunningProcess } from '@holdfast/host';
import { housekeeping, startListener } from '@holdfast/host';
import { loadIdentity } from '@holdfast/mtls';
import type { IdentitySource } from '@holdfast/mtls';
import { serveRpc } from '@holdfast/rpc';
import { TrustFeed } from '@holdfast/rpc/authority';
import type { Store } from '@holdfast/store';
import { auditRpcRefusals } from './audit-rpc-refusals.ts';
import { listOf, openAuthorityStore } from './authority-store.ts';
import type { Config } from './config.ts';
import { Authenticator } from './enrolment/authenticate.ts';
import { EnrolmentDesk } from './enrolment/enrolment-desk.ts';
import { EnrolmentTokens } from './enrolment/enrolment-tokens.ts';
import { OwnCertificates } from './enrolment/own-certificates.ts';
import { IssuingKeys } from './issuing/issuing-keys.ts';
import { AuthorityModule, EXPOSURE } from './listener.ts';
import { OcspResponder } from './ocsp/responder.ts';
import { Intake } from './register/intake.ts';
import { Register } from './register/register.ts';
import type { AuthorityTables } from './register/tables.ts';
import { StoreWatch } from './store-watch.ts';
import { Acknowledgements } from './trust/acknowledgements.ts';
import { trustFeed } from './trust/trust-feed.ts';
import { TrustPublisher } from './trust/trust-publisher.ts';

/** The authority runs once: after a restart it speaks for the process before. */
const ONLY_INSTANCE = 'A'.repeat(22);

/** What every part is built from, and the stack that frees them in the opposite order: the doors first, the store last. */
interface Building {
  readonly ctx: ProcessContext<Config>;
  readonly parts: AsyncDisposableStack;
}

type Office = Awaited<ReturnType<typeof openOffice>>;

/** The certificate authority as a list of its parts. */
export async function startCertificateAuthority(ctx: ProcessContext<Config>): Promise<RunningProcess> {
  await using parts = new AsyncDisposableStack();
  const building = { ctx, parts };
  const store = await openAuthorityStore(ctx);
  parts.defer(() => store.close());
  const office = await openOffice(building, store);
  await serveTrustFeed(building, office);
  const https = await serveHttps(building, office);
  const chores = housekeeping(ctx, {
    keepListsFresh: () => office.watch.inTurn(() => office.publisher.keepFresh()),
    keepOwnCertificates: () => office.watch.inTurn(() => office.renewOwn()),
    sweepTokens: () => store.singleUse.sweep(ctx.clock.now()),
  });
  parts.defer(() => chores.stop());
  const running = parts.move();
  return { close: () => running.disposeAsync(), ready: [https.url] };
}

/** Keys, register and trust state: everything behind the doors. */
async function openOffice({ ctx, parts }: Building, store: Store<AuthorityTables>) {
  const { audit, clock, home, random, health, log, name: holder } = ctx;
  const list = listOf(ctx);
  const keys = new IssuingKeys(home);
  const publisher = new TrustPublisher({ home, store, keys, clock });
  const register = new Register(store.db);
  const intake = new Intake(home, register, (purpose) => keys.trusted(purpose).map((it) => it.authority));
  const tokens = new EnrolmentTokens(store.singleUse);
  const desk = new EnrolmentDesk({ list, keys, store, tokens, clock, random });
  const own = new OwnCertificates({ home, holder, list, keys, desk, clock, audit });
  const acknowledgements = new Acknowledgements(store.db, list, clock);
  const followItself = async (): Promise<void> => {
    await own.keepFresh();
    const { version } = publisher.state;
    await acknowledgements.take(holder, { instance: ONLY_INSTANCE, version, certificates: own.held() }, version);
  };
  const renewOwn = async (): Promise<void> => {
    if (await own.keepFresh()) await followItself();
  };
  const watch = new StoreWatch({ store, keys, publisher, intake, clock, audit, log, afterChange: followItself });
  parts.defer(() => watch.close());
  await watch.start();
  health.add('store', () => store.ping());
  health.add('keys', () => keys.checkReady(clock.now()));
  health.add('revocation lists', () => publisher.checkFresh());
  health.add('watch', () => watch.checkReady());
  const authenticator = new Authenticator(list, keys, tokens);
  const ocsp = new OcspResponder(keys, register, clock);
  return { ocsp, list, keys, publisher, desk, authenticator, acknowledgements, watch, renewOwn };
}

async function serveTrustFeed({ ctx, parts }: Building, { publisher, acknowledgements }: Office): Promise<void> {
  const { rpc } = ctx.config;
  const server = await serveRpc({
    name: ctx.name,
    address: rpc.listener,
    identity: openIdentity({ ctx, parts }, rpc.identity),
    peers: { trust: publisher.trust('services'), revocations: publisher.revocations },
    callers: rpc.callers,
    services: [{ definition: TrustFeed, implementation: trustFeed(publisher, acknowledgements, ctx.audit) }],
    onDecision: auditRpcRefusals(ctx.audit),
    onFailure: ({ method, code, error }) => ctx.log.warn({ method, code, err: error }, 'a call failed'),
  });
  parts.defer(() => server.close());
}

async function serveHttps({ ctx, parts }: Building, office: Office): Promise<RunningListener> {
  const { audit, clock, config } = ctx;
  const identity = openIdentity({ ctx, parts }, config.https.identity);
  const { publisher } = office;
  const listener = await startListener({
    name: 'mtls',
    module: AuthorityModule.with({ ...office, clock, audit }, { ...office, clock, audit }, office.ocsp),
    identity,
    clients: { trust: publisher.trust('services', 'participants'), revocations: publisher.revocations },
    address: config.https.listener,
    exposure: EXPOSURE,
    ctx,
  });
  parts.defer(() => listener.close());
  return listener;
}

function openIdentity({ ctx, parts }: Building, files: { certificate: string; key: string }): IdentitySource {
  const identity = loadIdentity({ certificate: ctx.path(files.certificate), key: ctx.path(files.key) });
  parts.defer(() => identity.close());
  return identity;
}
