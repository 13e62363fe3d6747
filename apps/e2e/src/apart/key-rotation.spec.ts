import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '@holdfast/tools/platform';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlatform } from '../platform/run-platform.ts';
import { Developer } from '../wire/developer.ts';
import type { Tokens } from '../wire/developer.ts';
import { said } from '../wire/http.ts';
import type { Answer } from '../wire/http.ts';
import { linkedTidepool } from '../wire/linked-tidepool.ts';
import type { Person } from '../wire/person.ts';

const ALGORITHMS = ['ES256', 'PS256', 'EdDSA'];
// A new key is published for 75 seconds before it signs; the rest is patience with a slow machine.
const UNTIL_IT_SIGNS = 90_000;
/** Milliseconds between two calls of one worker: a load, and still room for the suites that run beside. */
const PAUSE = 150;
const command = join(import.meta.dirname, '../../../../tools/rotate-signing-keys.mjs');

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

/** Runs the command to its end, or kills it and all it started after so many milliseconds, as `kill -9` does. */
async function rotate(killAfter?: number): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [command, '--home', platform.home], { detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const timer =
    killAfter === undefined ? undefined : setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), killAfter);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, output };
}

/** The published keys, each fit to be published. */
async function publishedKids(): Promise<string[]> {
  const { keys } = said(await developer.browser.ask(`${platform.urls.issuer}/jwks`)) as { keys: JWK[] };
  for (const key of keys) {
    expect(key).toMatchObject({ use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) as string });
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(member);
  }
  expect(keys.map(({ alg }) => alg)).toEqual(keys.map((_, index) => ALGORITHMS[index % ALGORITHMS.length]));
  const kids = keys.map(({ kid }) => kid ?? '');
  expect(new Set(kids).size).toBe(kids.length);
  return kids;
}

const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? '';
const expired = (token: string): boolean => (decodeJwt(token).exp ?? 0) * 1000 < Date.now() + 2_000;

const linkTidepool = (): Promise<Person> => linkedTidepool(platform.home, platform.urls.fintech);

/** Calls that never pause: refreshing, always the newest token, and from {@link keep} on an old one to its end. */
class SteadyCalls {
  readonly kids: string[] = [];
  readonly failures: string[] = [];
  calls = 0;
  #newest: string;
  #ended = false;
  readonly #workers: Promise<void>[];

  constructor({ access_token: token, refresh_token: refresh }: Tokens) {
    this.#newest = token;
    this.#workers = [
      this.#work('refreshing', async () => {
        const answer = await developer.refresh(refresh);
        if (answer.status === 200) this.#heard(String(said(answer)['access_token']));
        return answer;
      }),
      this.#work('the newest token at the bank', () => developer.accounts(this.#newest)),
      this.#work('the newest token at userinfo', () => userInfo(this.#newest)),
    ];
  }

  keep(token: string): void {
    const over = (): boolean => expired(token);
    this.#workers.push(
      this.#work('the old token at the bank', () => developer.accounts(token), over),
      this.#work('introspecting the old token', () => activeOnly(developer.introspect(token)), over),
    );
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#workers);
  }

  async untilSignedBy(other: (kid: string) => boolean): Promise<string> {
    await expect.poll(() => other(this.kids.at(-1) ?? ''), { timeout: UNTIL_IT_SIGNS, interval: 200 }).toBe(true);
    return this.kids.at(-1) ?? '';
  }

  #heard(token: string): void {
    this.#newest = token;
    if (this.kids.at(-1) !== kidOf(token)) this.kids.push(kidOf(token));
  }

  async #work(what: string, call: () => Promise<Answer>, over = (): boolean => false): Promise<void> {
    while (!this.#ended && !over()) {
      try {
        const { status, text } = await call();
        if (status !== 200) this.failures.push(`${what}: ${status} ${text}`);
      } catch (error) {
        this.failures.push(`${what}: ${String(error)}`);
      }
      this.calls++;
      await sleep(PAUSE);
    }
  }
}

const userInfo = (token: string): Promise<Answer> =>
  developer.http.ask(`${platform.urls.mtlsIssuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });

/** An inactive token is answered with 200 as well; here it counts as a failure. */
async function activeOnly(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  return said(answer)['active'] === true ? answer : { ...answer, status: 0 };
}

describe('signing keys', () => {
  it(
    'are rotated twice by command, the first time by one that is killed again and again, and no call fails',
    async () => {
      const first = await publishedKids();
      expect(first).toHaveLength(3);
      await linkTidepool();
      const tokens = await developer.tokens();
      const steady = new SteadyCalls(tokens);

      // Killed ever later, until the one step has been taken. Before it nothing has happened, after it everything.
      let published = first;
      for (let killAfter = 300; published.length === 3; killAfter *= 1.5) {
        await rotate(killAfter);
        await sleep(1_500);
        published = await publishedKids();
        expect([3, 6]).toContain(published.length);
      }
      expect(published.slice(0, 3)).toEqual(first);
      const again = await rotate();
      expect([again.code, again.output]).toEqual([1, expect.stringContaining('waits for its turn')]);
      const old = String(said(await developer.refresh(tokens.refresh_token))['access_token']);
      expect(kidOf(old)).toBe(first[0]);
      steady.keep(old);
      expect(await steady.untilSignedBy((kid) => kid !== first[0])).toBe(published[3]);
      await linkTidepool();

      const rotated = await rotate();
      expect([rotated.code, rotated.output]).toEqual([0, expect.stringContaining('New signing keys are published.')]);
      await expect.poll(publishedKids, { timeout: 10_000, interval: 100 }).toHaveLength(9);
      const third = (await publishedKids())[6] ?? '';
      expect(rotated.output).toContain(third);
      expect(await steady.untilSignedBy((kid) => kid !== published[3])).toBe(third);
      await linkTidepool();

      expect(expired(old), 'the old token has lived through both').toBe(false);
      await steady.end();
      expect(steady.failures).toEqual([]);
      expect(steady.calls).toBeGreaterThan(1_000);
      expect(steady.kids).toEqual([first[0], published[3], third]);
    },
    4 * UNTIL_IT_SIGNS,
  );

  it('are rotated once by three commands at once, and survive kill -9 of everybody before the new ones sign', async () => {
    const { access_token: token, refresh_token: refresh } = await developer.tokens();
    const rivals = await Promise.all([rotate(), rotate(), rotate()]);
    expect(rivals.filter(({ output }) => output.includes('New signing keys are published.'))).toHaveLength(1);
    await expect.poll(publishedKids, { timeout: 10_000, interval: 100 }).toHaveLength(12);
    const before = await publishedKids();

    const apps = ['authorization-server', 'bank'] as const;
    await Promise.all(apps.map((app) => platform.kill(app, 'SIGKILL')));
    await Promise.all(apps.map((app) => platform.start(app)));

    expect(await publishedKids()).toEqual(before);
    const refreshed = String(said(await developer.refresh(refresh))['access_token']);
    expect(kidOf(refreshed), 'the same key still signs').toBe(kidOf(token));
    await expect.poll(async () => (await developer.accounts(token)).status, { timeout: 10_000 }).toBe(200);
    expect((await developer.accounts(refreshed)).status).toBe(200);
  });
});
