import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { launch } from './app-process.ts';
import type { AppProcess, Ending } from './app-process.ts';
import { startOrder } from './apps.ts';
import type { AppName } from './apps.ts';
import { configurationFile } from './configuration.ts';
import { healthTarget } from './health-target.ts';
import type { LogLine } from './log-line.ts';
import { handOutTokens, hasToken } from './enrolment-tokens.ts';
import { awaitReadiness } from './readiness.ts';
import { PlatformTrouble } from './trouble.ts';

export interface PlatformPlan {
  readonly home: string;
  readonly apps: readonly AppName[];
  /** Folder of the configurations, already moved to the offset. */
  readonly configurations: string;
  /** Milliseconds one app may take until it is ready. */
  readonly readyWithin: number;
  /** Where the compiled entry of an app lies. */
  readonly mainOf: (app: AppName) => string;
  readonly onLine?: (app: AppName, line: LogLine) => void;
  /** Hears of a process that ended although nobody here asked for it. */
  readonly onDeath?: (ending: Ending) => void;
}

export const compiledMain = (app: AppName): string => join(workspaceRoot, 'apps', app, 'dist/main.js');

/** The processes of one platform: starts them in their order, each gated by its health, and ends them again. */
export class PlatformProcesses {
  readonly #plan: PlatformPlan;
  readonly #running = new Map<AppName, AppProcess>();
  readonly #stopping = new AbortController();
  readonly #given = new Set<AppName>();
  /** Tokens are handed out by one at a time: two would give the same app two, of which it uses one. */
  #handingOut: Promise<void> = Promise.resolve();

  constructor(plan: PlatformPlan) {
    this.#plan = plan;
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  pidOf(app: AppName): number | undefined {
    return this.#running.get(app)?.pid;
  }

  /**
   * Launches an app and waits until it is ready.
   * @param tell hears what is still missing
   * @throws PlatformTrouble when it ends or is not ready in time
   */
  async start(app: AppName, tell?: (missing: string) => void): Promise<void> {
    const { home, configurations, readyWithin, mainOf } = this.#plan;
    const config = configurationFile(configurations, app);
    if (this.#isStopping()) throw new PlatformTrouble(`${app} is not started any more`, 'The platform is stopping.');
    if (this.#running.has(app)) throw new PlatformTrouble(`${app} runs already`, 'Stop it first.');
    if (app !== 'certificate-authority') await this.#handOutTokens();
    const ending = new AbortController();
    let ready = false;
    const running = launch({
      app,
      main: mainOf(app),
      config,
      home,
      onLine: (line) => this.#plan.onLine?.(app, line),
    });
    this.#running.set(app, running);
    void running.ended.then((end) => {
      if (this.#running.get(app) === running) this.#running.delete(app);
      ending.abort(end);
      if (ready && !end.expected) this.#plan.onDeath?.(end);
    });

    const asked = await awaitReadiness(healthTarget(config, home), {
      within: readyWithin,
      signal: AbortSignal.any([ending.signal, this.#stopping.signal]),
      ...(tell && { tell }),
    });
    ready = asked.ready;
    if (ending.signal.aborted) throw deathOf(ending.signal.reason as Ending, home);
    if (ready || this.#isStopping()) return;
    throw new PlatformTrouble(
      `${app} is not ready after ${Math.round(readyWithin / 1000)} seconds; it last answered: ${asked.answer}`,
      `Its log tells more: ${logOf(home, app)}`,
    );
  }

  /** Whoever of the plan has no certificate to prove itself with is given a token, all of them at once. */
  #handOutTokens(): Promise<void> {
    const after = this.#handingOut.catch(() => undefined);
    this.#handingOut = after.then(async () => {
      const { home, apps } = this.#plan;
      const isWaiting = (app: AppName): boolean => this.#given.has(app) && hasToken(home, app);
      const wanting = apps.filter((app) => !this.#running.has(app) && !isWaiting(app));
      for (const app of await handOutTokens(this.#plan, wanting, new Date())) this.#given.add(app);
    });
    return this.#handingOut;
  }

  /** Starts all apps of the plan, row by row. */
  async startAll(): Promise<void> {
    for (const row of startOrder) {
      await Promise.all(row.filter((app) => this.#plan.apps.includes(app)).map((app) => this.start(app)));
    }
  }

  /** Ends one process with this signal and waits until it is gone. */
  async kill(app: AppName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#running.get(app)?.end(signal);
  }

  /** Ends all processes at once, undrained. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((app) => this.kill(app)));
  }

  /** Ends all processes, last started first. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const row of startOrder.toReversed()) await Promise.all(row.map((app) => this.kill(app, 'SIGTERM')));
  }
}

export function logOf(home: string, app: AppName): string {
  return join(home, 'logs', `${app}.log`);
}

/** The death of a process as a person should hear it: how, its last lines, where the rest is. */
export function deathOf(ending: Ending, home: string): PlatformTrouble {
  const lines = ending.lastLines.map((line) => `    ${line}`).join('\n');
  return new PlatformTrouble(
    `${ending.app} ended by itself (${ending.how}). Its last lines:\n${lines || '    (it said nothing)'}`,
    `The whole log: ${logOf(home, ending.app)}`,
  );
}
