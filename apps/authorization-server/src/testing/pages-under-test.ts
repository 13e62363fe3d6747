import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '@holdfast/fapi';
import { clientFromMetadata, DPOP, dpopNonces, KeyRing, PROFILE } from '@holdfast/fapi/as';
import type { Engine, RegisteredClient } from '@holdfast/fapi/as';
import { createContext, startListener } from '@holdfast/host';
import { issuerPin } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import type { Store } from '@holdfast/store';
import type { PeopleDirectory } from '../people/people.ts';
import { peopleFrom } from '../people/people.ts';
import { hashPassword } from '../people/password.ts';
import { PingDelivery } from '../ciba/ping-delivery.ts';
import { BROWSER_EXPOSURE, browserModule } from '../listeners.ts';
import { buildLogin } from '../login/build-login.ts';
import { pageCsp } from '../pages/csp.ts';
import { errorPage } from '../pages/error-page.tsx';
import { BrowserSessions } from '../session/browser-sessions.ts';
import { authorizationState } from '../state/authorization-state.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { Browser } from './browser.ts';
import { SmallBank } from './small-bank.ts';

const pki = throwAwayPki();
/** Private keys for one generation of the ring. */
const signingKeys = [
  { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), alg: 'ES256' },
  { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), alg: 'PS256' },
  { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), alg: 'EdDSA' },
];
const DETAIL = {
  type: 'account_information',
  actions: ['list_accounts', 'read_balances'],
  locations: ['https://b.test'],
};

/** The browser listener over real TLS, with a real store and engine; only the bank is small. */
export interface PagesUnderTest {
  readonly engine: Engine;
  readonly bank: SmallBank;
  readonly origin: string;
  /** Moves the clock. */
  pass(seconds: number): void;
  /** Takes a person out of the directory; their sessions stay. */
  forget(subject: string): void;
  browser(): Browser;
  audit(action?: string): AuditEvent[];
  close(): Promise<void>;
}

let people: Promise<PeopleDirectory> | undefined;

/** Alice and Bob, each with the password `<name>-demo`. Hashed once: that takes a while. */
const demoPeople = (): Promise<PeopleDirectory> =>
  (people ??= Promise.all(
    ['Alice', 'Bob'].map(async (name) => {
      const login = name.toLowerCase();
      return { subject: `cus-${login}`, login, name, password: await hashPassword(`${login}-demo`) };
    }),
  ).then(peopleFrom));

const client = (id: string, name: string): RegisteredClient =>
  clientFromMetadata(
    {
      client_name: name,
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: `${id}.test`,
      tls_client_certificate_bound_access_tokens: true,
      redirect_uris: [`https://${id}.test/callback`],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid profile',
      authorization_details_types: [DETAIL.type],
    },
    {
      clientId: id,
      profileName: 'fapi2-security',
      profile: PROFILE,
      authority: issuerPin(() => [pki.participants.intermediate.certificate]),
      detailTypes: [DETAIL],
    },
  );

export async function pagesUnderTest(store: Store<AuthorizationTables>): Promise<PagesUnderTest> {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-pages-'));
  let offset = 0;
  const clock = { now: () => new Date(Date.now() + offset) };
  const ctx = createContext({ name: 'authorization-server', config: {}, home, clock });
  const identity = pki.identity('authorization-server/browser');
  const bank = new SmallBank();
  const known = await demoPeople();
  const forgotten = new Set<string>();
  const directory: PeopleDirectory = {
    ...known,
    find: async (subject) => (forgotten.has(subject) ? undefined : known.find(subject)),
  };
  const clients = new Map([client('tidepool', 'Tidepool'), client('other', 'Other & Co')].map((one) => [one.id, one]));
  // The issuer is the origin forms must come from, and the port is known only when the listener runs.
  let origin = 'https://auth.localhost';
  const keys = new KeyRing(clock);
  await keys.take([{ number: 1, signsFrom: new Date(0), privateJwks: signingKeys }]);
  const engine: Engine = {
    profile: PROFILE,
    profiles: ['fapi2-security'],
    get issuer() {
      return origin;
    },
    mtlsBase: 'https://mtls.auth.localhost',
    detailTypes: [DETAIL],
    clients: { find: async (id) => clients.get(id) },
    state: authorizationState(store),
    remoteJwks: { fetch: () => Promise.reject(new Error('no client here publishes keys')) },
    dpopNonces: dpopNonces(randomBytes(32), DPOP.nonceStepSeconds),
    keys,
    consents: bank,
    people: directory,
    notifier: { notify: () => Promise.reject(new Error('no client here is pinged')) },
    clock,
    random: ctx.random,
    audit: ctx.audit,
  };
  const sessions = new BrowserSessions(store, clock, ctx.random);
  const { login } = buildLogin(ctx, store, directory);
  const listener = await startListener({
    name: 'browser',
    module: browserModule(engine, directory, sessions, login, new PingDelivery(engine, ctx.log)),
    identity,
    address: { host: '127.0.0.1', port: 0 },
    exposure: BROWSER_EXPOSURE,
    ctx,
    errorPage,
    csp: pageCsp(),
    limits: { lameDuck: 0, drainIdle: 50, drain: 1_000 },
  });
  origin = `https://auth.localhost:${listener.port}`;
  const browsers: Browser[] = [];
  return {
    engine,
    bank,
    origin,
    pass: (seconds) => (offset += seconds * 1000),
    forget: (subject) => forgotten.add(subject),
    browser() {
      const browser = new Browser(pki, origin);
      browsers.push(browser);
      return browser;
    },
    audit: (action) => readEvents(home).filter((event) => action === undefined || event.action === action),
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()));
      await listener.close();
      ctx.release();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function readEvents(home: string): AuditEvent[] {
  const lines = readFileSync(join(home, 'audit/authorization-server.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditEvent);
}

/** Logs in at the page of grants. */
export async function logIn(browser: Browser, name: string): Promise<void> {
  await browser.get('/grants');
  const answer = await browser.post('/grants/login', { login: name, password: `${name}-demo` });
  if (answer.status !== 303) throw new Error(`the login ended with ${answer.status}`);
}

/** What a person once agreed to, put where it would be. @returns the grant's id */
export async function grantTo(
  { engine, bank }: PagesUnderTest,
  clientId: string,
  subject: string,
  accounts: readonly string[] = ['acc-1'],
): Promise<string> {
  const now = engine.clock.now();
  const until = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const id = engine.random.token(128);
  const code = engine.random.token(256);
  const asked = { clientId, redirectUri: 'https://first.test', codeChallenge: 'c'.repeat(43) };
  const response = { responseType: 'code', responseMode: 'query' } as const;
  await engine.state.createPushedRequest(
    `urn:${id}`,
    { ...asked, ...response, scopes: ['openid'], authorizationDetails: [DETAIL], usableUntil: until(90).getTime() },
    until(690),
  );
  const consentId = `consent-of-${clientId}-${bank.consents.length}`;
  await engine.state.completeAuthorization({
    requestUri: `urn:${id}`,
    now,
    grant: {
      id,
      clientId,
      subject,
      scopes: ['openid'],
      authorizationDetails: [{ ...DETAIL, accounts, consent_id: consentId }],
      consentId,
      createdAt: now,
      expiresAt: until(90 * 24 * 3600),
    },
    code,
    issued: { ...asked, grantId: id, subject, idTokenClaims: {} },
    codeUntil: until(60),
  });
  await engine.state.redeemCode(code, now, undefined);
  return id;
}
