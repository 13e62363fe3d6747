import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offsetForCommand } from '../platform/run-platform.ts';
import { whyNot } from '../platform/run-proxy.ts';
import { processesOf } from '../platform/processes.ts';
import { linkedTidepool } from '../wire/linked-tidepool.ts';

/** Milliseconds between two pages: Tidepool serves one address so many a minute and no more. */
const PAGE_PAUSE = 250;
const command = (name: string): string => join(import.meta.dirname, `../../../../tools/${name}.mjs`);

describe.each([
  ['nginx', whyNot('nginx')],
  ['haproxy', whyNot('HAProxy')],
] as const)('npm start -- --behind %s', (proxy, missing) => {
  const because = missing === undefined ? '' : ` (NOT RUN: ${missing})`;
  describe.skipIf(missing !== undefined)(`the whole platform${because}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'holdfast-behind-'));
    let running: ChildProcess;
    let words = '';
    let fintech = '';
    beforeAll(async () => {
      const options = ['--behind', proxy, '--home', home, '--ports', `${await offsetForCommand()}`, '--json-ready'];
      const child = (running = spawn(process.execPath, [command('start'), ...options]));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
      const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
      if (Buffer.isBuffer(said)) ({ fintech } = (JSON.parse(String(said)) as { urls: { fintech: string } }).urls);
    });
    afterAll(async () => {
      if (running.exitCode === null) {
        running.kill('SIGTERM');
        await once(running, 'exit');
      }
      expect(processesOf(home)).toEqual([]);
      rmSync(home, { recursive: true });
    });

    /** @returns what the command said, when it ended well */
    async function run(name: string, ...args: readonly string[]): Promise<string> {
      const { stdout } = await promisify(execFile)(process.execPath, [command(name), ...args, '--home', home]);
      return stripVTControlCharacters(stdout);
    }

    it('is up, and says who stands in front', () => {
      expect([running.exitCode, words]).toEqual([null, expect.stringContaining(`${proxy} in front`)]);
    });

    it.each(['T02', 'T05', 'P02'])('refuses the theft %s [RFC8705-3] [RFC9440-4]', async (attack) => {
      expect(await run('attack', attack)).toContain('STOLEN · real stack: refused');
    });

    it('gives every patient of the clinic its code, but for what the proxy keeps to itself [RFC8705-2.1]', async () => {
      expect(await run('clinic')).toMatch(/\d\d patients, and every one got its code/);
    });

    // HAProxy leaves resting connections open; nginx ends them whenever it takes new certificates.
    if (proxy === 'nginx')
      it('shows the accounts at Tidepool all the while the root is rotated that clients trust the proxy by [RFC9112-9.3.1]', async () => {
        const alice = await linkedTidepool(home, fintech);
        const [shown, not]: [number[], string[]] = [[], []];
        const over = new AbortController();
        const looking = (async () => {
          while (!over.signal.aborted) {
            const { status, text } = await alice.visit(`${fintech}/accounts`);
            if (status === 200 && text.includes('Everyday account')) shown.push(performance.now());
            else not.push(`${status} ${text.slice(0, 300)}`);
            await sleep(PAGE_PAUSE);
          }
        })();
        await run('pki', 'rotate', 'root', 'web').finally(() => over.abort());
        await looking;
        expect(not).toEqual([]);
        expect(shown.length).toBeGreaterThan(20);
      }, 120_000);
  });
});
