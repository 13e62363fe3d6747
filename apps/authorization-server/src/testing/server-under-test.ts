import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { Agent } from 'node:https';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRing } from '@holdfast/fapi/as';
import type { OwnedContext, RunningListener } from '@holdfast/host';
import { createContext, createLogger, startListener } from '@holdfast/host';
import { clientTls } from '@holdfast/mtls';
import type { LeafName, ThrowAwayPki } from '@holdfast/mtls/testing';
import { throwAwayPki } from '@holdfast/mtls/testing';
import type { Store } from '@holdfast/store';
import { decidersFrom } from '../ciba/deciders.ts';
import { clientNotifications } from '../ciba/http-notifier.ts';
import { PingDelivery } from '../ciba/ping-delivery.ts';
import type { Config } from '../config.ts';
import { config as configSchema } from '../config.ts';
import { buildEngine } from '../engine.ts';
import { generateKeys } from '../keys/generate-keys.ts';
import { BROWSER_EXPOSURE, browserModule, mtlsExposure, mtlsModule } from '../listeners.ts';
import { buildLogin } from '../login/build-login.ts';
import { pageCsp } from '../pages/csp.ts';
import { errorPage } from '../pages/error-page.tsx';
import { formPostPage } from '../pages/form-post-page.tsx';
import { peopleFrom } from '../people/people.ts';
import { BrowserSessions } from '../session/browser-sessions.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { SmallBank } from './small-bank.ts';

export const pki = throwAwayPki();
const privateJwks = await generateKeys();
const clientKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const ALICE = 'cus-alice-7302';
export const CIBA_GRANT = 'urn:openid:params:grant-type:ciba';
export const ISSUER = 'https://auth.localhost:9443';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the shape of an answer is what tests look at
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>> | URLSearchParams;
  /** Sent as JSON, in the place of a form. */
  readonly json?: unknown;
  /** Presented where the listener asks for a certificate. */
  readonly certificate?: Certificate;
  /** Keeps the connection; one of its own when absent. */
  readonly agent?: Agent;
}

type Certificate = LeafName | ReturnType<ThrowAwayPki['leaf']>;

export interface Wishes {
  /** Where the pinged client wants to be told; nowhere that answers when absent. */
  readonly notificationEndpoint?: string;
  readonly demo?: Config['demo'];
  /** Clients may register themselves. */
  readonly registration?: Config['registration'];
  /** A client beside the others, and hosts that may be asked for its keys. */
  readonly client?: unknown;
  readonly outbound?: Config['outbound'];
  /** The system's when absent. */
  readonly clock?: { now(): Date };
}

const cibaClient = (id: string, certificate: string, delivery: Record<string, string>) => ({
  client_id: id,
  profile: 'fapi-ciba',
  authority: 'participants intermediate',
  metadata: {
    client_name: id === 'till' ? 'Till & <b>Sons</b>' : id,
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: certificate,
    tls_client_certificate_bound_access_tokens: true,
    jwks: { keys: [{ ...clientKey.publicKey.export({ format: 'jwk' }), kid: 'one' }] },
    grant_types: [CIBA_GRANT, 'refresh_token'],
    scope: 'openid profile',
    authorization_details_types: ['account_information'],
    ...delivery,
  },
});

function configFor({ client, notificationEndpoint, demo, outbound, registration }: Wishes): Config {
  const file = new URL('../../../../infra/config/local/authorization-server.json', import.meta.url);
  const local = JSON.parse(readFileSync(file, 'utf8')) as Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- a document to change in a few places
  for (const door of ['browser', 'mtls']) local[door].listener.port = 0;
  const pinged = {
    backchannel_token_delivery_mode: 'ping',
    backchannel_client_notification_endpoint: notificationEndpoint ?? 'https://lab.localhost:1/ping',
  };
  local['clients'] = [
    cibaClient('till', 'first-client.lab.localhost', { backchannel_token_delivery_mode: 'poll' }),
    cibaClient('pinged-till', 'second-client.lab.localhost', pinged),
    {
      ...cibaClient('developer', 'client.developer.localhost', {}),
      profile: 'fapi2-security',
      metadata: {
        client_name: 'Developer tools',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_dns: 'client.developer.localhost',
        tls_client_certificate_bound_access_tokens: true,
        grant_types: ['client_credentials'],
        scope: 'grant_management_query',
      },
    },
  ];
  if (client !== undefined) local['clients'].push(client);
  if (outbound !== undefined) local['outbound'] = outbound;
  if (demo === undefined) delete local['demo'];
  else local['demo'] = demo;
  if (registration !== undefined) local['registration'] = registration;
  return configSchema.parse(local);
}

/** Both HTTPS listeners of an authorization server on real sockets, over a store of a test, with everything it wrote down. */
export class ServerUnderTest {
  readonly bank = new SmallBank();
  /** Changes by `apply` alone. */
  readonly trust = pki.live();
  readonly log: string[] = [];
  readonly #home = mkdtempSync(join(tmpdir(), 'holdfast-as-'));
  readonly #ctx: OwnedContext<Config>;
  #listeners: Record<'browser' | 'mtls', RunningListener> | undefined;
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(wishes: Wishes) {
    pki.write(this.#home);
    const log = createLogger({ name: 'test', level: 'debug', write: (line) => void this.log.push(line) });
    const clock = wishes.clock === undefined ? {} : { clock: wishes.clock };
    const config = configFor(wishes);
    this.#ctx = createContext({ name: 'authorization-server', config, home: this.#home, log, ...clock });
  }

  static async open(store: Store<AuthorizationTables>, wishes: Wishes = {}): Promise<ServerUnderTest> {
    const server = new ServerUnderTest(wishes);
    await server.#start(store);
    return server;
  }

  /** Everything that would happen from time to time, now. */
  chores: () => Promise<unknown> = () => Promise.resolve();

  async #start(store: Store<AuthorizationTables>): Promise<void> {
    const ctx = this.#ctx;
    const keys = new KeyRing(ctx.clock);
    await keys.take([{ number: 1, signsFrom: new Date(0), privateJwks }]);
    const people = peopleFrom(ctx.config.people);
    const engine = buildEngine(
      ctx,
      this.trust,
      store,
      keys,
      people,
      this.bank,
      clientNotifications(ctx, this.trust.of('web')),
    );
    const pings = new PingDelivery(engine, ctx.log);
    this.chores = () => pings.send();
    const sessions = new BrowserSessions(store, ctx.clock, ctx.random);
    const { login } = buildLogin(ctx, store, people);
    const deciders = await decidersFrom(ctx, engine.clients);
    const demo = deciders && { deciders, pings };
    const mtls = await startListener({
      name: 'mtls',
      module: mtlsModule(engine, demo),
      clients: this.trust.of('participants'),
      identity: pki.identity('authorization-server/mtls'),
      address: ctx.config.mtls.listener,
      exposure: mtlsExposure(engine, demo),
      ctx,
    });
    const browser = await startListener({
      name: 'browser',
      module: browserModule(engine, people, sessions, login, pings),
      identity: pki.identity('authorization-server/browser'),
      address: ctx.config.browser.listener,
      exposure: BROWSER_EXPOSURE,
      ctx,
      errorPage,
      formPostPage,
      csp: pageCsp(),
    });
    this.#listeners = { mtls, browser };
    this.#closing.push(
      () => mtls.close(),
      () => browser.close(),
      () => pings.close(),
    );
  }

  async close(): Promise<void> {
    this.#ctx.startDraining();
    for (const close of this.#closing) await close();
    this.#ctx.release();
    rmSync(this.#home, { recursive: true });
  }

  /** One request on a connection of its own. */
  async ask(door: 'browser' | 'mtls', path: string, question: Question = {}): Promise<Answer> {
    const { agent = false, form, json, certificate } = question;
    const { method = form === undefined && json === undefined ? 'GET' : 'POST', headers = {} } = question;
    const host = door === 'mtls' ? 'mtls.auth.localhost' : 'auth.localhost';
    const trust = { serverTrust: pki.web.trust, names: 'loopback' as const };
    const request = httpsRequest({
      ...clientTls(certificate === undefined ? trust : { ...trust, identity: pki.identity(certificate) }),
      host,
      port: this.#listeners?.[door].port,
      path,
      method,
      agent,
      headers: {
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString();
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** Audit events as written. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- events are looked at member by member
  audit(): Record<string, any>[] {
    const file = join(this.#home, 'audit/authorization-server.jsonl');
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }
}

/** A signed authentication request of a client of these tests. */
export function signedRequest(clientId: string, changes: Readonly<Record<string, unknown>> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: clientId,
    aud: ISSUER,
    iat: now,
    nbf: now,
    exp: now + 300,
    jti: randomUUID(),
    scope: 'openid profile',
    login_hint: 'alice',
    binding_message: 'KX-1234',
    authorization_details: [{ type: 'account_information', actions: ['list_accounts', 'read_balances'] }],
    ...changes,
  };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'ES256', kid: 'one' })}.${encode(claims)}`;
  const key = { key: clientKey.privateKey, dsaEncoding: 'ieee-p1363' as const };
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}
