import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import type { World } from '../platform/global-setup.ts';
import type { Answer } from '../wire/http.ts';
import { RenewingDeveloper } from '../wire/renewing-developer.ts';
import { onEdge, platformBehindProxy, PROXIES } from './edge.ts';

const rotateCommand = fileURLToPath(new URL('../../../../tools/pki.mjs', import.meta.url));
/** Milliseconds between two calls of one worker. */
const PAUSE = 40;

const platform = platformBehindProxy();
let developer: RenewingDeveloper | undefined;
afterEach(() => developer?.close());

/** A connection that rested ended while a request was on its way over it. */
const hasCrossed = (error: unknown): boolean => (error as { code?: string }).code === 'UND_ERR_SOCKET';
/** How many of those there may be in one rotation: the proxy reads its files anew some four times. */
const CROSSED_AT_MOST = 8;

/** Account calls and token requests without a pause, until the work is done. @returns what went wrong, and how many there were */
async function under(work: () => Promise<unknown>, calls: readonly (() => Promise<Answer>)[]) {
  const failures: string[] = [];
  let [count, crossed] = [0, 0];
  // RFC9112-9.3.1: such a request is sent once more, over another connection. All of these change nothing by being made twice.
  const ask = (call: () => Promise<Answer>): Promise<Answer> =>
    call().catch((error: unknown) => {
      if (!hasCrossed(error)) throw error;
      crossed++;
      return call();
    });
  let ended = false;
  const workers = calls.map(async (call) => {
    while (!ended) {
      const failure = await ask(call).then(
        ({ status, text }) => (status === 200 ? undefined : `${status} ${text}`),
        (error: unknown) => String((error as Error).cause ?? error),
      );
      if (failure !== undefined) failures.push(failure);
      count++;
      await sleep(PAUSE);
    }
  });
  await work().finally(() => (ended = true));
  await Promise.all(workers);
  return { failures, count, crossed };
}

/** What a proxy shows at a door, to whoever trusts the authorities of this moment. */
function shownAt({ home, urls }: World): Promise<string> {
  const { hostname: servername, port } = new URL(urls.bank);
  const ca = readFileSync(join(home, 'pki/trust/web.pem'));
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', servername, ca }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** The certificates of the proxy towards clients hang on one root, those between it and the applications on the other. */
const rotated = { nginx: ['web', 'services'], HAProxy: ['services', 'web'] } as const;

for (const name of PROXIES) {
  onEdge(name, platform, 'certificates that are replaced', (standing) => {
    it.each(rotated[name])(
      'the root of %s is rotated with every leaf under it, the proxy’s own too, and no call is lost [RFC5280-6.1]',
      async (purpose) => {
        const { world } = standing();
        const steady = (developer = await RenewingDeveloper.linked(world));
        const before = await shownAt(world);
        const rotate = () =>
          promisify(execFile)(process.execPath, [
            rotateCommand,
            'rotate',
            'root',
            purpose,
            ...['--within', '20', '--home', world.home],
          ]);
        const { failures, count, crossed } = await under(rotate, [
          () => steady.accounts(),
          () => steady.accounts(),
          () => steady.refresh(),
        ]);
        expect(failures).toEqual([]);
        expect(count).toBeGreaterThan(100);
        expect(crossed).toBeLessThanOrEqual(CROSSED_AT_MOST);
        const after = await shownAt(world);
        expect(after === before).toBe(purpose === 'services');
        expect((await steady.accounts()).status).toBe(200);
      },
      120_000,
    );
  });
}
