import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { styleText, stripVTControlCharacters } from 'node:util';
import { readArguments } from './arguments.ts';
import { childEnvironment, endWithParent } from './platform/app-process.ts';
import { appNamed, commandLineOf } from './platform/apps.ts';
import type { AppName } from './platform/apps.ts';
import { authorityBeside } from './platform/authority-beside.ts';
import { configurationFile, configurationsFor } from './platform/configuration.ts';
import { handOutTokens } from './platform/enrolment-tokens.ts';
import type { HealthTarget } from './platform/health-target.ts';
import { healthTarget } from './platform/health-target.ts';
import { compiledMain } from './platform/platform.ts';
import { checkClock, checkNode, checkPorts } from './platform/preflight.ts';
import { awaitReadiness } from './platform/readiness.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { ensureTrust } from './platform/trust.ts';
import { onStop } from './start/stop-signals.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npx nx serve <app> [-- --home <dir>] [--ports <offset>]

Runs one app alone: compiles on every change, and restarts it when it compiled. Its certificates come from the certificate
authority, which is started beside it unless it runs already.`;

const READY_MILLISECONDS = 6_000;
const BURST_MILLISECONDS = 200;
const RENEWAL_MILLISECONDS = 60 * 60_000;

const tell = (text: string): void => console.error(styleText('cyan', `[serve] ${text}`));

/** One app under watch: the compiler beside it, and the process, which is replaced after each good compilation. */
class Served {
  readonly #app: AppName;
  readonly #home: string;
  readonly #configurations: string;
  readonly #config: string;
  #process: ChildProcess | undefined;
  #compiler: ChildProcess | undefined;
  #restarting: Promise<void> = Promise.resolve();
  #burst: NodeJS.Timeout | undefined;
  #waiting = new AbortController();
  #stopped = false;

  constructor(app: AppName, home: string, offset: number) {
    this.#app = app;
    this.#home = home;
    this.#configurations = configurationsFor(home, offset);
    this.#config = configurationFile(this.#configurations, app);
  }

  run(): void {
    this.#compile();
    watch(this.#config, () => this.#restart('its configuration changed'));
    setInterval(() => {
      try {
        for (const what of ensureTrust(this.#home)) tell(what);
      } catch (error) {
        tellTrouble(error);
      }
    }, RENEWAL_MILLISECONDS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#compiler?.kill();
    clearTimeout(this.#burst);
    await this.#restarting;
    await this.#end();
  }

  /** The compiler in its own watch mode; its last word of each round decides. */
  #compile(): void {
    const project = join('apps', this.#app, 'tsconfig.app.json');
    const tsc = join(workspaceRoot, 'node_modules/typescript/bin/tsc');
    this.#compiler = spawn(process.execPath, [tsc, '-b', project, '--watch', '--preserveWatchOutput', '--pretty'], {
      cwd: workspaceRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#compiler.on('exit', (code) => {
      if (this.#stopped) return;
      tell(`the compiler ended (${code ?? 'killed'})`);
      void this.stop().then(() => process.exit(1));
    });
    if (!this.#compiler.stdout) return;
    createInterface({ input: this.#compiler.stdout }).on('line', (line) => this.#hearCompiler(line));
  }

  #hearCompiler(line: string): void {
    const found = /Found (\d+) errors?/.exec(stripVTControlCharacters(line));
    if (!found) {
      if (!/Starting (incremental )?compilation|File change detected/.test(line) && line.trim() !== '')
        console.error(line);
    } else if (found[1] === '0') {
      this.#restart('compiled');
    } else {
      tell(`${found[1] ?? 'some'} errors, see above${this.#process ? '; the last good version keeps running' : ''}`);
    }
  }

  /** One save is often several changes: the last of a burst restarts. */
  #restart(why: string): void {
    clearTimeout(this.#burst);
    this.#burst = setTimeout(() => {
      this.#restarting = this.#restarting.then(async () => {
        await this.#end();
        if (this.#stopped) return;
        tell(`${why}: starting ${this.#app}`);
        await this.#giveToken();
        this.#start();
      });
    }, BURST_MILLISECONDS);
  }

  /** Without a certificate it starts with a token; without the certificate authority it says so itself. */
  async #giveToken(): Promise<void> {
    const plan = { home: this.#home, configurations: this.#configurations, mainOf: compiledMain };
    try {
      for (const app of await handOutTokens(plan, [this.#app], new Date())) tell(`an enrolment token for ${app}`);
    } catch (error) {
      tellTrouble(error);
    }
  }

  #start(): void {
    const args = commandLineOf(this.#app, this.#config, this.#home);
    const child = spawn(
      process.execPath,
      ['--import', endWithParent, compiledMain(this.#app), ...args, '--log', 'pretty'],
      {
        cwd: workspaceRoot,
        env: childEnvironment(),
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        detached: true,
      },
    );
    this.#process = child;
    const waiting = new AbortController();
    this.#waiting = waiting;
    child.on('exit', (code, signal) => {
      if (this.#process !== child) return;
      this.#process = undefined;
      waiting.abort();
      tell(`${this.#app} ended (${signal ?? `exit code ${code ?? 'unknown'}`}); it starts again with the next change`);
    });
    void this.#tellReadiness(waiting.signal);
  }

  async #tellReadiness(signal: AbortSignal): Promise<void> {
    const target = this.#healthTarget();
    if (target === undefined) return;
    const { url } = target;
    const { ready, answer } = await awaitReadiness(target, { within: READY_MILLISECONDS, signal });
    if (signal.aborted) return;
    if (ready) tell(`${this.#app} is ready: ${url}`);
    else tell(`${this.#app} runs at ${url}, but is not ready: ${answer} (does it miss a peer? serve that one too)`);
  }

  /** Undefined while somebody edits the configuration: the process says itself what is wrong with it. */
  #healthTarget(): HealthTarget | undefined {
    try {
      return healthTarget(this.#config, this.#home);
    } catch {
      return undefined;
    }
  }

  async #end(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    this.#waiting.abort();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 11_000);
    await ended;
    clearTimeout(timer);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments('npx nx serve <app>', {
    allowPositionals: true,
    options: {
      home: { type: 'string', default: '.holdfast' },
      ports: { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [name] = positionals;
  if (values.help || name === undefined) {
    console.log(usage);
    return;
  }
  const app = appNamed(name);
  const home = resolve(workspaceRoot, values.home);
  const offset = Number(values.ports);
  if (!Number.isInteger(offset)) throw new PlatformTrouble(`--ports ${values.ports} is not an offset`, usage);
  checkNode();
  checkClock(home, new Date());
  await checkPorts([app], offset);
  for (const what of ensureTrust(home)) tell(what);
  const authority = await authorityBeside(app, home, offset, tell);
  tell(`compiling ${app} and what it is made of`);
  const served = new Served(app, home, offset);
  onStop(
    () =>
      void served
        .stop()
        .then(() => authority?.stop())
        .then(() => process.exit(0)),
    () => process.exit(1),
  );
  served.run();
}

main().catch((error: unknown) => {
  tellTrouble(error);
  process.exitCode = 1;
});
