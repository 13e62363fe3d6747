import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { noteIssued } from '@holdfast/pki';
import type { PemIdentity } from '../wire/http.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
/** Milliseconds after which the authority knows of what was issued in its name, and more on a machine that is busy. */
const NOTICED = 20_000;

/**
 * Takes a certificate back as an operator does.
 * @param what a name of the list, or a participant's certificate that a suite has issued itself
 */
export async function revoke(home: string, what: PemIdentity | string): Promise<void> {
  if (typeof what === 'string') return run(home, what);
  const certificate = new X509Certificate(what.cert);
  noteIssued(home, { purpose: 'participants', name: 'suite/client', certificate, now: new Date() });
  const until = performance.now() + NOTICED;
  for (;;) {
    try {
      await run(home, certificate.serialNumber);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(500);
    }
  }
}

async function run(home: string, name: string): Promise<void> {
  const node = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
  const command = [...node, 'tools/pki/main.ts', 'revoke', name, '--home', home];
  await promisify(execFile)(process.execPath, command, { cwd: root });
}
