import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthTarget } from './health-target.ts';

/** The answer of one question for readiness. */
export interface Readiness {
  readonly ready: boolean;
  /** What was answered, or why nothing was, in a few words. */
  readonly answer: string;
}

/**
 * Asks `GET <url>/readyz` over verified TLS 1.3. The name is resolved here to loopback, as browsers do with `*.localhost`;
 * certificate and name are checked as for any peer.
 */
export function askReadiness(target: HealthTarget): Promise<Readiness> {
  const { url, trustFile } = target;
  const { hostname, port } = new URL(url);
  const identity = identityOf(target);
  if (identity === undefined) return Promise.resolve({ ready: false, answer: 'it has no certificate yet' });
  return new Promise((resolve) => {
    const unreachable = (error: Error): void => resolve({ ready: false, answer: error.message });
    const question = request(
      {
        host: '127.0.0.1',
        servername: hostname,
        port,
        path: '/readyz',
        headers: { host: `${hostname}:${port}` },
        ca: readFileSync(trustFile),
        ...identity,
        minVersion: 'TLSv1.3',
        agent: false,
        timeout: 2_000,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('error', unreachable);
        response.on('end', () => {
          resolve({
            ready: response.statusCode === 200,
            answer: `${response.statusCode ?? 'no status'} ${body.slice(0, 300)}`,
          });
        });
      },
    );
    question.on('timeout', () => question.destroy(new Error('no answer for two seconds')));
    question.on('error', unreachable);
    question.end();
  });
}

/** What is presented when it asks for a certificate; undefined until the process has enrolled for it. */
function identityOf({ identity }: HealthTarget): { readonly cert?: Buffer; readonly key?: Buffer } | undefined {
  if (identity === undefined) return {};
  if (!existsSync(identity.certificate) || !existsSync(identity.key)) return undefined;
  return { cert: readFileSync(identity.certificate), key: readFileSync(identity.key) };
}

const POLL_MILLISECONDS = 60;
// A start takes a moment; only what takes longer is worth a word.
const PATIENCE_MILLISECONDS = 2_500;

/**
 * Asks until ready.
 * @param within milliseconds
 * @param tell hears, after a moment, each new answer that is not yet the right one
 * @returns the last answer, ready or not
 */
export async function awaitReadiness(
  target: HealthTarget,
  options: {
    readonly within: number;
    readonly signal: AbortSignal;
    readonly tell?: (answer: string) => void;
  },
): Promise<Readiness> {
  const start = performance.now();
  let told = '';
  for (;;) {
    const asked = await askReadiness(target);
    const waited = performance.now() - start;
    if (asked.ready || options.signal.aborted || waited > options.within) return asked;
    if (waited > PATIENCE_MILLISECONDS && asked.answer !== told) {
      options.tell?.(asked.answer);
      told = asked.answer;
    }
    await sleep(POLL_MILLISECONDS);
  }
}
