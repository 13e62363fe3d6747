import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName, Platform } from '@holdfast/tools/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlatform } from './platform/run-platform.ts';
import { Developer } from './wire/developer.ts';
import { NotConnected, said } from './wire/http.ts';
import type { Answer } from './wire/http.ts';
import { Person, offeredAccounts } from './wire/person.ts';

// What was agreed, used and revoked is in the stores, not in the processes: each process is killed without warning at every step.
let platform: Platform;
let developer: Developer;
beforeAll(async () => {
  platform = await runPlatform(['authorization-server', 'bank', 'fintech']);
  developer = new Developer(platform);
});
afterAll(async () => {
  await developer.close();
  await platform.stop();
});

async function crash(...apps: AppName[]): Promise<void> {
  await Promise.all(apps.map((app) => platform.kill(app, 'SIGKILL')));
  await Promise.all(apps.map((app) => platform.start(app)));
}

/** The bank's answer, once it hears from the authorization server again; until then it fails closed with 503. */
async function bankSays(token: string): Promise<Answer> {
  const patience = performance.now() + 10_000;
  for (;;) {
    const answer = await developer.accounts(token);
    if (answer.status !== 503 || performance.now() > patience) return answer;
    await sleep(100);
  }
}

const invalidGrant = (answer: Answer): void =>
  expect([answer.status, said(answer)['error']]).toEqual([400, 'invalid_grant']);

describe('killed and started again,', () => {
  it('the authorization server carries a request through every step, and keeps what was used, used', async () => {
    const attempt = await developer.push();
    await crash('authorization-server');
    const { person, page } = await developer.atConsent(attempt);
    const interaction = page.url;

    await crash('authorization-server');
    const reloaded = { ...(await person.visit(interaction)), url: interaction };
    expect(reloaded.text, 'still logged in, still asked').toContain('id="consent-approve"');
    const code = await developer.approve(person, reloaded);

    await crash('authorization-server');
    const closed = await person.visit(developer.authorizeUrl(attempt));
    expect([closed.status, closed.text]).toEqual([400, expect.stringContaining('invalid_request_uri')]);
    const redeemed = await developer.redeem({ ...attempt, code });
    expect(redeemed.status).toBe(200);
    const tokens = said(redeemed);

    await crash('authorization-server');
    expect(said(await developer.introspect(String(tokens['access_token'])))).toMatchObject({ active: true });
    expect((await developer.refresh(String(tokens['refresh_token']))).status).toBe(200);
    expect((await bankSays(String(tokens['access_token']))).status).toBe(200);
    const next = await developer.atConsent(await developer.push(), person);
    expect(next.page.text, 'the login survives').toContain('id="consent-approve"');

    invalidGrant(await developer.redeem({ ...attempt, code }));
    invalidGrant(await developer.refresh(String(tokens['refresh_token'])));
  });

  it('the bank keeps a consent, its selection and a revocation', async () => {
    const attempt = await developer.push();
    const { person, page } = await developer.atConsent(attempt);
    await crash('bank');
    // The authorization server finds the bank again by itself; until then it says so and the form can be sent again.
    const account = offeredAccounts(page).find(({ name }) => name === 'Euro account')?.id ?? '';
    let answer = await person.submit(page, 'consent-approve', { account });
    for (let tries = 0; answer.status === 503 && tries < 20; tries++) {
      await sleep(250);
      answer = await person.submit(page, 'consent-approve', { account });
    }
    const code = new URL(answer.headers['location'] ?? 'none:').searchParams.get('code') ?? '';
    const redeemed = said(await developer.redeem({ ...attempt, code }));
    const token = String(redeemed['access_token']);

    await crash('bank');
    const accounts = said(await bankSays(token))['accounts'] as { display_name: string }[];
    expect(accounts.map(({ display_name: name }) => name)).toEqual(['Euro account']);

    await developer.revoke(String(redeemed['refresh_token']));
    await crash('bank');
    expect((await bankSays(token)).status).toBe(401);
    await crash('authorization-server', 'bank');
    expect((await bankSays(token)).status).toBe(401);
  });

  it('the bank refuses a token that was revoked while it was down', async () => {
    const tokens = await developer.tokens();
    expect((await bankSays(tokens.access_token)).status).toBe(200);
    await platform.kill('bank', 'SIGKILL');
    expect((await developer.revoke(tokens.refresh_token)).status).toBe(200);
    await platform.start('bank');
    expect((await bankSays(tokens.access_token)).status).toBe(401);
  });

  it('the bank fails closed while the authorization server is away, and opens again', async () => {
    const { access_token: token } = await developer.tokens();
    await platform.kill('authorization-server', 'SIGKILL');
    const refusals = async (): Promise<number> => (await developer.accounts(token)).status;
    await expect.poll(refusals, { timeout: 10_000, interval: 100 }).toBe(503);
    await platform.start('authorization-server');
    await expect.poll(refusals, { timeout: 10_000, interval: 100 }).toBe(200);
  });
});

describe('Tidepool, killed and started again,', () => {
  const alice = (): Person => new Person(developer.browser);

  async function link(person: Person): Promise<void> {
    const welcome = await person.open(platform.urls.fintech);
    const away = await person.submit(welcome, 'link-bank');
    await crash('fintech'); // Between leaving for the bank and coming back.
    const consent = await person.logIn(await person.open(away.headers['location'] ?? ''), 'alice');
    const back = await person.submit(consent, 'consent-approve');
    await person.open(back.headers['location'] ?? '');
  }

  it('finishes a link that was begun before, and keeps it', async () => {
    const person = alice();
    await link(person);
    await crash('fintech');
    const page = await person.open(`${platform.urls.fintech}/accounts`);
    expect([page.status, page.url]).toEqual([200, `${platform.urls.fintech}/accounts`]);
    expect(page.text).toContain('Everyday account');
  });

  it('has nothing to gain from a copy of its store once the person has unlinked', async () => {
    const person = alice();
    await link(person);
    const stolen = mkdtempSync(join(tmpdir(), 'holdfast-stolen-'));
    const data = join(platform.home, 'data');
    try {
      await platform.kill('fintech');
      cpSync(data, stolen, { recursive: true, filter: (file) => file === data || file.includes('fintech') });
      await platform.start('fintech');
      const cookies = new Map(person.cookies);
      const connection = await person.open(`${platform.urls.fintech}/connection`);
      expect((await person.submit(connection, 'unlink-confirm')).headers['location']).toBe('/?notice=unlinked');

      await platform.kill('fintech');
      for (const name of ['fintech.sqlite-wal', 'fintech.sqlite-shm']) rmSync(join(data, name), { force: true });
      cpSync(stolen, data, { recursive: true });
      await platform.start('fintech');

      const thief = alice();
      for (const [name, value] of cookies) thief.cookies.set(name, value);
      const page = await thief.open(`${platform.urls.fintech}/accounts`);
      expect(page.text).toContain('The connection has ended');
      expect(page.text).not.toContain('Everyday account');
    } finally {
      rmSync(stolen, { recursive: true, force: true });
    }
  });
});

describe('told to stop under load,', () => {
  it.each(['authorization-server', 'bank'] as const)('%s fails no call it has accepted', async (app) => {
    const { access_token: token, refresh_token: refresh } = await developer.tokens();
    const load = new Load([() => developer.accounts(token), () => developer.refresh(refresh)]);
    await sleep(500);
    for (let restart = 0; restart < 2; restart++) {
      await platform.restart(app);
      await sleep(1_000);
    }
    const { answered, refused, failed } = await load.end();
    // While the authorization server is away the bank fails closed; that is an answer, not a failure.
    const unexpected = answered.filter(({ status }) => status !== 200 && status !== 503);
    expect(unexpected.map(({ status, text }) => `${status} ${text}`)).toEqual([]);
    expect(failed).toEqual([]);
    expect(answered.filter(({ status }) => status === 200).length).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(0);
    expect((await bankSays(token)).status).toBe(200);
    expect((await developer.refresh(refresh)).status).toBe(200);
  });
});

/** Calls without a pause, a few at a time, until it is ended. */
class Load {
  readonly #answered: Answer[] = [];
  readonly #failed: string[] = [];
  readonly #workers: Promise<void>[];
  #refused = 0;
  #ended = false;

  constructor(calls: readonly (() => Promise<Answer>)[]) {
    this.#workers = calls.flatMap((call) => [this.#work(call), this.#work(call)]);
  }

  async end() {
    this.#ended = true;
    await Promise.all(this.#workers);
    return { answered: this.#answered, refused: this.#refused, failed: this.#failed };
  }

  async #work(call: () => Promise<Answer>): Promise<void> {
    while (!this.#ended) {
      try {
        this.#answered.push(await call());
      } catch (error) {
        if (error instanceof NotConnected) this.#refused++;
        else this.#failed.push(String(error));
      }
      await sleep(10);
    }
  }
}
