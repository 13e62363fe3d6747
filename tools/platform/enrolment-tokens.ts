import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from './app-process.ts';
import { commandLineOf } from './apps.ts';
import type { AppName } from './apps.ts';
import { configurationFile } from './configuration.ts';
import { PlatformTrouble } from './trouble.ts';

const AUTHORITY = 'certificate-authority';

export interface TokenPlan {
  readonly home: string;
  /** Folder of the configurations. */
  readonly configurations: string;
  readonly mainOf: (app: AppName) => string;
}

const tokenFileOf = (home: string, app: AppName): string => join(home, 'pki', app, 'enrolment.token');

/**
 * Gives a one-time token to each of these apps that has no certificate to prove itself with: as an operator would, who may
 * write into their folders. The certificate authority runs, or its store is there.
 * @returns who was given one
 * @throws PlatformTrouble with the words of the certificate authority
 */
export async function handOutTokens(plan: TokenPlan, apps: readonly AppName[], now: Date): Promise<readonly AppName[]> {
  const needy = apps.filter((app) => app !== AUTHORITY && needsToken(plan, app, now));
  if (needy.length === 0) return [];
  for (const [app, token] of await makeTokens(plan, needy)) writeToken(tokenFileOf(plan.home, app), token);
  return needy;
}

/** Whether a token that was handed out is still waiting for its process. */
export const hasToken = (home: string, app: AppName): boolean => existsSync(tokenFileOf(home, app));

/** Whether the certificate an app authenticates with is missing, or no longer or not yet in force. */
function needsToken({ home, configurations }: TokenPlan, app: AppName, now: Date): boolean {
  const name = authenticatingLeaf(configurationFile(configurations, app));
  if (name === undefined) return false;
  const [certificate, key] = ['crt', 'key'].map((end) => join(home, 'pki', `${name}.${end}`));
  if (certificate === undefined || key === undefined || !existsSync(key)) return true;
  try {
    const { validFromDate, validToDate } = new X509Certificate(readFileSync(certificate));
    return now < validFromDate || now > validToDate;
  } catch {
    return true; // Missing, or torn: there is nothing to prove anything with.
  }
}

/** The first of the certificates an app enrols for; undefined for one that enrols for none. */
function authenticatingLeaf(file: string): string | undefined {
  const { authority } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly authority?: { readonly leaves?: readonly { readonly name: string }[] };
  };
  return authority?.leaves?.[0]?.name;
}

async function makeTokens(
  { home, configurations, mainOf }: TokenPlan,
  apps: readonly AppName[],
): Promise<ReadonlyMap<AppName, string>> {
  const config = configurationFile(configurations, AUTHORITY);
  const command = [mainOf(AUTHORITY), ...commandLineOf(AUTHORITY, config, home), `--enrolment-token=${apps.join(',')}`];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { env: childEnvironment() });
    const lines = stdout.split('\n').map((line) => line.split(' '));
    return new Map(apps.map((app) => [app, lines.find(([holder]) => holder === app)?.[1] ?? '']));
  } catch (cause) {
    const { stderr = '' } = cause as { readonly stderr?: string };
    throw new PlatformTrouble(
      `the certificate authority gave no enrolment tokens: ${stderr.trim()}`,
      'Mend what it says, and start again.',
      { cause },
    );
  }
}

function writeToken(file: string, token: string): void {
  const folder = dirname(file);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
  }
  writeFileSync(`${file}.draft`, `${token}\n`, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}
