import { createDatabase, startPostgres } from '@holdfast/store/testing';
import type { Platform, Replica } from '@holdfast/tools/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlatform } from './platform/run-platform.ts';
import { Http, said } from './wire/http.ts';
import type { Answer } from './wire/http.ts';
import { formWith, offeredAccounts, Person } from './wire/person.ts';
import { RawClient } from './wire/raw-client.ts';
import type { Changes, Exchange } from './wire/raw-client.ts';
import { Trail } from './wire/trail.ts';
import { BOUND, statusWithin } from './wire/within.ts';

// Two processes of the authorization server on one PostgreSQL, as behind a load balancer: what is used at one is used at both.
const STEP = 5_000;
const AT_ONCE = 50;

let platform: Platform;
let replica: Replica;
let trail: Trail;
const clients = new Map<string, { readonly client: RawClient; readonly second: Http; readonly browser: Http }>();

// What was started, to be ended in the reverse order, also when the start itself fails half-way.
const started: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const postgres = await startPostgres();
  started.push(() => postgres.stop());
  const store = await createDatabase(postgres.address);
  platform = await runPlatform(['authorization-server', 'bank'], (app, configuration) =>
    app === 'authorization-server' ? { ...configuration, store } : { ...configuration },
  );
  started.push(() => platform.stop());
  replica = await platform.startReplica('authorization-server', STEP);
  started.push(() => replica.stop());
  trail = new Trail(platform.home, ['authorization-server', 'bank']);
});
afterAll(async () => {
  await Promise.all([...clients.values()].flatMap((each) => Object.values(each).map((one) => one.close())));
  for (const stop of started.toReversed()) await stop();
});

/** A client with connections to both: its own lead to the first process, `second` to the other. */
function both(name: string) {
  const known = clients.get(name);
  if (known !== undefined) return known;
  const client = new RawClient(name, platform);
  const { certificate: cert, key } = client.file;
  const identity = cert === undefined || key === undefined ? undefined : { cert, key };
  const made = {
    client,
    second: new Http(platform.home, identity, STEP),
    browser: new Http(platform.home, undefined, STEP),
  };
  clients.set(name, made);
  return made;
}

/** The same thing fifty times at the same instant, in turns at the one process and at the other. */
const inTurns = <T>(ask: (atSecond: boolean) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, turn) => ask(turn % 2 === 1)));

/** @returns the winner; all others lost in these words, in public and in private */
async function oneWinner(exchanges: readonly Exchange[], error: string, reason: string): Promise<Exchange> {
  const [won, ...more] = exchanges.filter(({ answer }) => answer.status === 200);
  expect(more, 'winners beside the first').toEqual([]);
  if (won === undefined) throw new Error(`nobody won: ${exchanges[0]?.answer.text ?? 'nothing was asked'}`);
  const lost = exchanges.filter((each) => each !== won);
  expect(new Set(lost.map(({ answer }) => said(answer)['error']))).toEqual(new Set([error]));
  const reasons = await Promise.all(lost.map(({ interaction }) => trail.refusalOf(interaction)));
  expect(new Set(reasons.map(({ event }) => event.reason))).toEqual(new Set([reason]));
  return won;
}

const own = { grant_type: 'client_credentials', scope: 'grant_management_query' } satisfies Changes;
const refreshOf = (tokens: Record<string, unknown>): Changes => ({
  grant_type: 'refresh_token',
  refresh_token: String(tokens['refresh_token']),
});

describe('two authorization servers on one database', () => {
  it('publish the same keys [RFC8414-2]', async () => {
    const { client, browser } = both('security-tls-2');
    const [one, two] = await Promise.all(
      [client.browser, browser].map((http) => http.ask(`${platform.urls.issuer}/jwks`)),
    );
    expect((said(one!)['keys'] as unknown[]).length).toBeGreaterThan(0);
    expect(said(two!)).toEqual(said(one!));
  });

  it('carry one request through: pushed here, agreed to there, redeemed here, refreshed there', async () => {
    const { client, second, browser } = both('security-tls-2');
    const attempt = await client.pushed();
    const person = new Person(browser);
    const consent = await person.logIn(await person.open(client.authorizeUrl(attempt)), 'alice');
    const account = offeredAccounts(consent).map(({ id }) => id);
    const { headers } = await person.submit(consent, 'consent-approve', { account });
    const code = new URL(headers['location'] ?? '').searchParams.get('code') ?? '';
    const redeemed = await client.token(client.redemption({ ...attempt, code }));
    expect(redeemed.answer.status).toBe(200);
    const refreshed = await client.token(refreshOf(said(redeemed.answer)), { http: second });
    expect(refreshed.answer.status).toBe(200);
    expect((await client.accounts(String(said(refreshed.answer)['access_token']))).answer.status).toBe(200);
  });

  it('redeem a code once, and end together what a second redemption ends [RFC6749-4.1.2]', async () => {
    const { client, second } = both('security-tls-2');
    const attempt = await client.authorized();
    const form = client.redemption(attempt);
    const won = await oneWinner(
      await inTurns((atSecond) => client.token(form, atSecond ? { http: second } : {})),
      'invalid_grant',
      'code_used',
    );
    for (const http of [client.http, second]) {
      const refreshed = await client.token(refreshOf(said(won.answer)), { http });
      expect(said(refreshed.answer)['error']).toBe('invalid_grant');
    }
  });

  it('take an assertion once, also after one of them was killed [RFC7523-3-7]', async () => {
    const { client, second } = both('security-jwt-mtls-2');
    const assertion = client.assertion();
    const use = (http: Http): Promise<Exchange> =>
      client.post('/token', { ...client.authentication(assertion), ...own }, { http });
    await oneWinner(
      await inTurns((atSecond) => use(atSecond ? second : client.http)),
      'invalid_client',
      'client_assertion_replayed',
    );

    await replica.stop('SIGKILL');
    await replica.start();
    const again = await use(second);
    expect(said(again.answer)['error']).toBe('invalid_client');
    expect((await trail.refusalOf(again.interaction)).event.reason).toBe('client_assertion_replayed');
    expect((await client.token(own, { http: second })).answer.status).toBe(200);
  });

  it('take a proof once, made on a nonce of either [RFC9449-11.1]', async () => {
    const { client, second } = both('security-jwt-dpop-2');
    // The nonce comes from the second and is good at the first.
    expect((await client.token(own, { http: second })).answer.status).toBe(200);
    const headers = { dpop: client.proof('POST', `${platform.urls.mtlsIssuer}/token`) };
    const use = (http: Http): Promise<Exchange> =>
      client.post('/token', { ...client.authentication(), ...own }, { http, headers });
    await oneWinner(
      await inTurns((atSecond) => use(atSecond ? second : client.http)),
      'invalid_dpop_proof',
      'dpop_replayed',
    );
  });

  it('complete a request once [FAPI2-SP-FINAL-5.3.2.2-12]', async () => {
    const { client, browser } = both('security-tls-2');
    const attempt = await client.pushed();
    const page = await client.atConsent(attempt);
    const elsewhere = new Person(browser);
    for (const [name, value] of client.person.cookies) elsewhere.cookies.set(name, value);
    const account = offeredAccounts(page).map(({ id }) => id);
    const { action, fields } = formWith(page, 'consent-approve', { account });
    const headers = { origin: platform.urls.issuer };
    const answers: Answer[] = await inTurns((atSecond) =>
      (atSecond ? elsewhere : client.person).visit(action, { method: 'POST', body: fields, headers }),
    );
    const codes = answers.flatMap(
      (answer) => new URL(answer.headers['location'] ?? 'none:').searchParams.get('code') ?? [],
    );
    expect(codes).toHaveLength(1);
    for (const { status, text } of answers.filter((answer) => answer.status !== 303)) {
      expect([status, text]).toEqual([400, expect.stringContaining('id="error-code">invalid_request_uri<')]);
    }
    const redeemed = await client.token(client.redemption({ ...attempt, code: codes[0]! }));
    expect(redeemed.answer.status).toBe(200);
  });

  it('end a grant together, and the bank hears of it within two seconds [FAPI2-SP-FINAL-5.3.4-3]', async () => {
    const { client, second } = both('security-tls-2');
    const tokens = await client.tokens();
    const token = tokens['access_token'] ?? '';
    expect((await client.accounts(token)).answer.status).toBe(200);
    // The bank listens to the first; it is the second that is told.
    const revoke = { ...client.authentication(), token: tokens['refresh_token'] };
    expect((await client.post('/revoke', revoke, { http: second })).answer.status).toBe(200);
    const refused = await client.token(refreshOf(tokens));
    expect(said(refused.answer)['error']).toBe('invalid_grant');
    expect((await trail.refusalOf(refused.interaction)).event.reason).toBe('grant_revoked');
    await statusWithin(BOUND, async () => (await client.accounts(token)).answer.status, 401);
  });
});
