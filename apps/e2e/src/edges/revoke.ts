import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PemIdentity } from '../wire/http.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Takes a certificate back as an operator does: a file, or a name of the home. */
export async function revoke(home: string, what: PemIdentity | string): Promise<void> {
  const name = typeof what === 'string' ? what : join(home, `${randomUUID()}.crt`);
  if (typeof what !== 'string') writeFileSync(name, what.cert);
  const node = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
  await promisify(execFile)(process.execPath, [...node, 'tools/pki/main.ts', 'revoke', name, '--home', home], {
    cwd: root,
  });
}

/** Asks again until the answer is good, or the time in milliseconds is over. */
export async function until<T>(within: number, ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    const answer = await ask();
    if (good(answer) || performance.now() > end) return answer;
    await sleep(50);
  }
}
