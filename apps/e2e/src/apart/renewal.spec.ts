import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '@holdfast/tools/platform';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlatform } from '../platform/run-platform.ts';
import { said } from '../wire/http.ts';
import type { Answer } from '../wire/http.ts';
import { linkedTidepool } from '../wire/linked-tidepool.ts';
import { RenewingDeveloper } from '../wire/renewing-developer.ts';

const root = join(import.meta.dirname, '../../../..');
/** How long a certificate of a process lives here: each is renewed every dozen seconds. */
const LIFE = '24s';
/** A new signing key is published for 75 seconds before it signs; the rest is patience with a slow machine. */
const UNTIL_IT_SIGNS = 110_000;

/** Milliseconds between two calls. Tidepool serves one address so many pages a minute and no more. */
const [PAUSE, PAGE_PAUSE] = [40, 250];

/** The certificates that processes have issued to themselves. */
const RENEWED = [
  'certificate-authority/web',
  'certificate-authority/service',
  'authorization-server/service',
  'authorization-server/mtls',
  'authorization-server/browser',
  'bank/service',
  'bank/api',
  'fintech/transport',
  'fintech/web',
  'lab/service',
  'lab/web',
] as const;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-list-'));
let platform: Platform;
let developer: RenewingDeveloper;
let recording: Recording;

beforeAll(async () => {
  const list = join(folder, 'pki.yaml');
  const short = readFileSync(join(root, 'infra/pki/pki.yaml'), 'utf8').replace(/^lifetimes:$/m, `$&\n  ttl: ${LIFE}`);
  writeFileSync(list, short);
  platform = await runPlatform(undefined, (app, configuration) =>
    app === 'certificate-authority' ? { ...configuration, list } : { ...configuration },
  );
  developer = await RenewingDeveloper.linked(platform);
  recording = new Recording(platform.home);
}, 180_000);
afterAll(async () => {
  recording.write(join(import.meta.dirname, '../../test-results/renewal.json'));
  await developer.close();
  await platform.stop();
  rmSync(folder, { recursive: true });
});

/** What was seen, second by second: for the assertions, and for the picture in the documentation. */
class Recording {
  readonly began = performance.now();
  readonly #home: string;
  /** Thumbprints of each certificate in their order, with the second they were first seen and the second they end. */
  readonly certificates = new Map<
    string,
    { readonly serial: string; readonly from: number; readonly until: number }[]
  >();
  readonly phases: { readonly name: string; readonly from: number; until: number }[] = [];
  readonly marks: { readonly name: string; readonly at: number }[] = [];
  readonly calls: { readonly at: number; readonly failed: boolean }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(home: string) {
    this.#home = home;
    this.#timer = setInterval(() => this.#look(), 200);
    this.#look();
  }

  get now(): number {
    return (performance.now() - this.began) / 1_000;
  }

  renewals(name: string): number {
    return (this.certificates.get(name)?.length ?? 0) - 1;
  }

  async phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const phase = { name, from: this.now, until: this.now };
    this.phases.push(phase);
    const done = await work();
    phase.until = this.now;
    return done;
  }

  write(file: string): void {
    clearInterval(this.#timer);
    mkdirSync(join(file, '..'), { recursive: true });
    const { phases, marks, calls, now: seconds } = this;
    const certificates = Object.fromEntries(this.certificates);
    writeFileSync(file, JSON.stringify({ seconds, certificates, phases, marks, calls }));
  }

  #look(): void {
    for (const name of RENEWED) {
      const { serialNumber: serial, validToDate } = certificate(this.#home, name);
      const seen = this.certificates.get(name) ?? [];
      const until = this.now + (validToDate.getTime() - Date.now()) / 1_000;
      if (seen.at(-1)?.serial !== serial) this.certificates.set(name, [...seen, { serial, from: this.now, until }]);
    }
  }
}

const certificate = (home: string, name: string): X509Certificate =>
  new X509Certificate(readFileSync(join(home, 'pki', `${name}.crt`)));

/** Calls without a pause: Tidepool's page in Alice's browser, account calls and token requests of another client. */
class SteadyCalls {
  readonly failures: string[] = [];
  readonly kids: string[] = [];
  #ended = false;
  #workers: Promise<void>[] = [];

  static async begin(): Promise<SteadyCalls> {
    const steady = new SteadyCalls();
    const alice = await linkedTidepool(platform.home, platform.urls.fintech);
    const page = (): Promise<Answer> => alice.visit(`${platform.urls.fintech}/accounts`);
    steady.#workers = [
      steady.#work('the accounts at Tidepool', page, ({ text }) => text.includes('Everyday account'), PAGE_PAUSE),
      steady.#work('accounts', () => developer.accounts()),
      steady.#work('more accounts', () => developer.accounts()),
      steady.#work('token', () => developer.refresh(), steady.#hear),
    ];
    return steady;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#workers);
  }

  #hear = (answer: Answer): boolean => {
    const kid = decodeProtectedHeader(String(said(answer)['access_token'])).kid ?? '';
    if (this.kids.at(-1) === kid) return true;
    if (this.kids.length > 0) recording.marks.push({ name: 'the next signing key', at: recording.now });
    this.kids.push(kid);
    return true;
  };

  async #work(
    what: string,
    call: () => Promise<Answer>,
    isGood = (_answer: Answer): boolean => true,
    pause = PAUSE,
  ): Promise<void> {
    while (!this.#ended) {
      const failed = await failure(call, isGood);
      recording.calls.push({ at: recording.now, failed: failed !== undefined });
      if (failed !== undefined) this.failures.push(`${recording.now.toFixed(1)} s ${what}: ${failed}`);
      await sleep(pause);
    }
  }
}

async function failure(call: () => Promise<Answer>, isGood: (answer: Answer) => boolean): Promise<string | undefined> {
  try {
    const answer = await call();
    return answer.status === 200 && isGood(answer) ? undefined : `${answer.status} ${answer.text.slice(0, 300)}`;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}; ${reasonOf(error.cause)}`;
}

/** A command as an operator types it. */
async function npmRun(script: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'tools', `${script}.mjs`), ...args, '--home', platform.home]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  expect([code, output]).toEqual([0, expect.anything()]);
  return output;
}

const intermediate = (purpose: string): string =>
  certificate(platform.home, `authority/${purpose}/intermediate`).fingerprint256;

describe('under a steady load [RFC7030-4.2.2]', () => {
  it('every certificate is renewed again and again, intermediate, root and signing key are replaced, and no call fails', async () => {
    const steady = await SteadyCalls.begin();
    await npmRun('rotate-signing-keys');
    const signedBefore = steady.kids.at(-1);

    await expect
      .poll(() => RENEWED.filter((name) => recording.renewals(name) < 1), { timeout: 60_000, interval: 500 })
      .toEqual([]);

    const before = { services: intermediate('services'), participants: intermediate('participants') };
    await recording.phase('intermediate of participants', () =>
      npmRun('pki', 'rotate', 'intermediate', 'participants'),
    );
    await recording.phase('root of services', () => npmRun('pki', 'rotate', 'root', 'services'));
    expect(intermediate('participants')).not.toBe(before.participants);
    expect(intermediate('services')).not.toBe(before.services);

    await expect.poll(() => steady.kids.at(-1), { timeout: UNTIL_IT_SIGNS, interval: 500 }).not.toBe(signedBefore);
    await steady.end();
    expect(steady.failures).toEqual([]);
    expect(recording.calls.length).toBeGreaterThan(1_000);
    for (const name of RENEWED) expect(recording.renewals(name), name).toBeGreaterThanOrEqual(3);
  }, 300_000);
});
