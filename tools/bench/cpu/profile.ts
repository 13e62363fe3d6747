import type { CpuProfile } from './profile-summary.ts';

const PORT = 9229;
const OPEN_WITHIN = 5_000;
const SAMPLING_MICROSECONDS = 200;

interface Inspected {
  readonly webSocketDebuggerUrl: string;
  readonly title: string;
}

/**
 * Profiles a running Node process while `work` goes on. The process needs no preparation: a signal opens its inspector on the
 * loopback.
 */
export async function profileOf(pid: number, work: () => Promise<unknown>): Promise<CpuProfile> {
  process.kill(pid, 'SIGUSR1');
  const session = await Session.open(await inspectorOf(pid));
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS });
    await session.post('Profiler.start');
    await work();
    const { profile } = (await session.post('Profiler.stop')) as { profile: CpuProfile };
    // So that the next process can have the port.
    session.tell('Runtime.evaluate', { expression: "process.getBuiltinModule('node:inspector').close()" });
    return profile;
  } finally {
    session.close();
  }
}

async function inspectorOf(pid: number): Promise<string> {
  const end = performance.now() + OPEN_WITHIN;
  while (performance.now() < end) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/json/list`).catch(() => undefined);
    const [target] = answer === undefined ? [] : ((await answer.json()) as Inspected[]);
    if (target !== undefined) return target.webSocketDebuggerUrl;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`process ${pid} opened no inspector on port ${PORT}; is another one open there?`);
}

/** The inspector's protocol over its WebSocket. */
class Session {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
      this.#waiting.get(id)?.(result);
    });
  }

  static async open(url: string): Promise<Session> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error(`no inspector at ${url}`)));
    });
    return new Session(socket);
  }

  post(method: string, params: object = {}): Promise<unknown> {
    return new Promise((resolve) => this.#waiting.set(this.tell(method, params), resolve));
  }

  tell(method: string, params: object = {}): number {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return id;
  }

  close(): void {
    this.#socket.close();
  }
}
