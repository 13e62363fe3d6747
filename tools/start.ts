import { join } from 'node:path';
import { styleText } from 'node:util';
import { startOrder, urlsAt } from './platform/apps.ts';
import type { AppName } from './platform/apps.ts';
import type { Ending } from './platform/app-process.ts';
import { behindProxy } from './platform/behind-proxy.ts';
import { build } from './platform/build.ts';
import { checkEdgeProxy, EDGE_PROXIES, startEdgeProxy } from './platform/edge-proxy.ts';
import type { EdgeProxyName, RunningProxy } from './platform/edge-proxy.ts';
import { planProcesses, preflight } from './platform/index.ts';
import type { LogLine } from './platform/log-line.ts';
import { deathOf } from './platform/platform.ts';
import type { PlatformProcesses } from './platform/platform.ts';
import { forgetRunning } from './platform/running.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { ensureTrust } from './platform/trust.ts';
import { Progress } from './progress.ts';
import type { Say } from './progress.ts';
import { readStartOptions, usage } from './start/options.ts';
import type { StartOptions } from './start/options.ts';
import { onStop } from './start/stop-signals.ts';
import { summary } from './start/summary.ts';

const RENEWAL_MILLISECONDS = 60 * 60_000;
const REPEAT_MILLISECONDS = 30_000;

const titles: Readonly<Record<AppName, string>> = {
  'certificate-authority': 'Certificate authority',
  'authorization-server': 'Authorization server',
  bank: 'bank',
  fintech: 'Fintech',
  lab: 'Lab',
};

/** One run of the platform in this terminal, from the first check to the last process gone. */
class Run {
  readonly #options: StartOptions;
  readonly #began = performance.now();
  readonly #stopped = new AbortController();
  #processes: PlatformProcesses | undefined;
  #proxy: RunningProxy | undefined;
  #ending: Promise<void> | undefined;
  #ready = false;
  readonly #told = new Map<string, number>();

  constructor(options: StartOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    onStop(
      () => void this.stop(0),
      () => void Promise.all([this.#processes?.killAll(), this.#proxy?.stop()]),
    );
    try {
      await this.#steps();
      if (this.#ending) return;
      this.#ready = true;
      this.#tellReady();
      this.#keepTrustFresh();
    } catch (error) {
      if (this.#ending) return; // Stopped on the way: what failed, failed because of that.
      tellTrouble(error);
      await this.stop(1);
    }
  }

  /** Ends every process and then this one; a second call waits for the first. */
  stop(exitCode: number): Promise<void> {
    this.#ending ??= (async () => {
      this.#stopped.abort();
      if (this.#ready) console.error(styleText('dim', '\n  Stopping …'));
      await this.#processes?.stop();
      await this.#proxy?.stop();
      if (this.#processes) forgetRunning(this.#options.home);
      if (exitCode === 0) console.error(styleText('dim', '  Everything is stopped; keys and data are kept.'));
      process.exit(exitCode);
    })();
    return this.#ending;
  }

  async #steps(): Promise<void> {
    const { home, apps, behind } = this.#options;
    const progress = new Progress();
    await progress.step('This machine: Node, ports, clock', async () => {
      if (behind) checkEdgeProxy(EDGE_PROXIES[behind]);
      await preflight(this.#options);
    });
    await progress.step('Keys and certificates', () => Promise.resolve(ensureTrust(home)));
    await progress.step('Build', () => build(apps, this.#stopped.signal));
    for (const row of startOrder) {
      const wanted = row.filter((app) => apps.includes(app));
      if (wanted.length === 0) continue;
      await progress.step(wanted.map((app) => titles[app]).join(' and '), (say) => this.#startRow(wanted, say));
      // Whoever comes later calls these two through it.
      if (behind && row.includes('bank')) await progress.step(`${behind} in front`, () => this.#startProxy(behind));
    }
  }

  async #startProxy(name: EdgeProxyName): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const { home, offset } = this.#options;
    const log = join(home, 'logs/edge-proxy.log');
    this.#proxy = await startEdgeProxy(EDGE_PROXIES[name], { home, offset, log });
    void this.#proxy.ended.then((lastWords) => {
      if (this.#ending) return;
      tellTrouble(new PlatformTrouble(`${name} ended by itself: ${lastWords}`, `The whole log: ${log}`));
      void this.stop(1);
    });
  }

  async #startRow(row: readonly AppName[], say: Say): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#processes ??= planProcesses({
      ...this.#options,
      ...(this.#options.behind && { configure: behindProxy }),
      onLine: (app, line) => this.#tellLine(app, line),
      onDeath: (ending) => this.#tellDeath(ending),
    });
    const processes = this.#processes;
    await Promise.all(row.map((app) => processes.start(app, (missing) => say(`${app} answers ${missing}`))));
  }

  #tellReady(): void {
    const { apps, offset, home, jsonReady, behind } = this.#options;
    if (jsonReady) {
      const pids = Object.fromEntries(apps.map((app) => [app, this.#processes?.pidOf(app)]));
      console.log(JSON.stringify({ ready: true, home, pids, urls: urlsAt(offset) }));
    } else {
      const seconds = (performance.now() - this.#began) / 1000;
      console.log(summary({ apps, offset, home, seconds, ...(behind && { behind }) }));
    }
  }

  /** Certificates live hours to days; as long as we run, they are renewed before they end, and the processes swap them in. */
  #keepTrustFresh(): void {
    setInterval(() => {
      try {
        for (const what of ensureTrust(this.#options.home)) console.error(`  Keys and certificates: ${what}`);
      } catch (error) {
        tellTrouble(error);
      }
    }, RENEWAL_MILLISECONDS);
  }

  /**
   * While things start, processes complain about peers that are not there yet; that is in their logs. Later a complaint is shown
   * once in a while, for a process repeats it with each attempt.
   */
  #tellLine(app: AppName, { severity, text }: LogLine): void {
    if (severity === 'info' || severity === 'raw' || !this.#ready || this.#ending) return;
    const complaint = `${app} ${text.replace(/\d+/g, '#')}`;
    const now = performance.now();
    if (now - (this.#told.get(complaint) ?? -Infinity) < REPEAT_MILLISECONDS) return;
    this.#told.set(complaint, now);
    const mark = styleText(severity === 'warn' ? 'yellow' : 'red', severity.padEnd(5));
    console.error(`  ${app.padEnd(20)} ${mark} ${text}`);
  }

  #tellDeath(ending: Ending): void {
    if (this.#ending) return;
    tellTrouble(deathOf(ending, this.#options.home));
    void this.stop(1);
  }
}

try {
  const options = readStartOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await new Run(options).start();
} catch (error) {
  tellTrouble(error);
  process.exitCode = 1;
}
