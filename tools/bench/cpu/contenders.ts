import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment } from '../../platform/app-process.ts';
import { urlsAt } from '../../platform/apps.ts';
import { freeOffset } from '../../platform/free-offset.ts';
import { startPlatform } from '../../platform/index.ts';
import { ensureTrust } from '../../platform/trust.ts';
import { issueDoors } from './issue-doors.ts';
import { workspaceRoot } from '../../workspace.ts';
import { Client } from './client.ts';
import type { Metadata } from './client.ts';
import { cpuTimeOf } from './cpu-time.ts';
import { Http } from './http.ts';
import type { Contender, ContenderName } from './scenario.ts';

/** A contender with its process. */
export interface RunningContender extends Contender {
  readonly pid: number;
  /** CPU time its process has used so far, in milliseconds. */
  cpuTime(): number;
  /** Lets go of every connection, so that each slice begins alike. */
  hangUp(): void;
}

/** Everything that runs for a benchmark. */
export interface Field {
  readonly contenders: ReadonlyMap<ContenderName, RunningContender>;
  stop(): Promise<void>;
}

interface Running {
  readonly pid: number;
  readonly issuer: string;
  stop(): Promise<void>;
}

export interface FieldOptions {
  /** Who takes part. */
  readonly names: readonly ContenderName[];
  /** Added to the ports of Holdfast; a free range is looked for when absent. */
  readonly offset?: number;
  /** Connections each contender is asked over. */
  readonly lanes: number;
}

/** Starts the contenders in a home of their own, with keys of their own; `stop` leaves neither process nor file. */
export async function startField({ names, offset, lanes }: FieldOptions): Promise<Field> {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const running: Running[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.stop()));
    rmSync(home, { recursive: true, force: true });
  };
  try {
    // All of them present the same keys and trust the same clients.
    ensureTrust(home);
    issueDoors(home, new Date());
    const ports = offset ?? (await freeOffset());
    const contenders = new Map<ContenderName, RunningContender>();
    for (const name of names) {
      const process = name === 'holdfast' ? await startHoldfast(home, ports) : await startServer(name, home);
      running.push(process);
      contenders.set(name, await contender(name, process, { home, lanes, location: urlsAt(ports).bank }));
    }
    return { contenders, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The built processes with their local configuration: the authorization server, and the bank that it asks. */
async function startHoldfast(home: string, offset: number): Promise<Running> {
  const platform = await startPlatform({ home, offset, apps: ['authorization-server', 'bank'] });
  const pid = platform.pidOf('authorization-server');
  if (pid === undefined) throw new Error('the authorization server is gone');
  return { pid, issuer: platform.urls.issuer, stop: () => platform.stop() };
}

const START_WITHIN = 30_000;

/** One of the servers of the folder `servers`, from its source. */
async function startServer(name: string, home: string): Promise<Running> {
  const program = join(import.meta.dirname, 'servers', `${name}.ts`);
  mkdirSync(join(home, 'logs'), { recursive: true });
  const file = join(home, 'logs', `${name}.log`);
  const log = openSync(file, 'w');
  const child = spawn(
    process.execPath,
    ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning', program, home],
    // A group of its own: Ctrl-C reaches only us. It ends when the channel to us does.
    { cwd: workspaceRoot, env: childEnvironment(), detached: true, stdio: ['ignore', log, log, 'ipc'] },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('message', (message: { readonly issuer: string }) => resolve(message.issuer));
  child.once('error', reject);
  const broken = (): void => reject(new Error(`${name} did not start:\n${readFileSync(file, 'utf8')}`));
  const timer = setTimeout(broken, START_WITHIN);
  void ended.then(broken);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    return { pid: child.pid ?? 0, issuer: await promise, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

interface Surroundings {
  readonly home: string;
  readonly lanes: number;
  /** Where the details that are asked for are good. */
  readonly location: string;
}

async function contender(
  name: ContenderName,
  { issuer, pid }: Running,
  { home, lanes, location }: Surroundings,
): Promise<RunningContender> {
  const backChannel = new Http(home, lanes, 'developer/client');
  const browser = new Http(home, lanes);
  const { text } = await browser.ask(`${issuer}/.well-known/openid-configuration`);
  const details = JSON.stringify([
    {
      type: 'account_information',
      actions: ['list_accounts', 'read_balances', 'read_transactions'],
      locations: [location],
    },
  ]);
  const person = { login: 'alice', password: 'alice-demo' };
  return {
    name,
    pid,
    client: new Client({ metadata: JSON.parse(text) as Metadata, backChannel, browser, details, person }),
    ...(name === 'oidc-provider' ? { introspectableResource: 'https://opaque.bank.localhost:9543' } : {}),
    cpuTime: () => cpuTimeOf(pid),
    hangUp: () => {
      backChannel.hangUp();
      browser.hangUp();
    },
  };
}
