import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** One line of an audit file. */
export interface TrailEvent {
  readonly action: string;
  readonly outcome: 'allowed' | 'refused';
  readonly reason?: string;
  readonly error?: string;
  readonly interaction?: string;
  readonly grant?: string;
  readonly evidence?: Readonly<Record<string, string>>;
}

export interface Found {
  readonly event: TrailEvent;
  /** The whole line, to be searched for what must not be in it. */
  readonly line: string;
}

const PATIENCE = 10_000;
const APPS = ['certificate-authority', 'authorization-server', 'bank', 'fintech'];

/** What the processes of a home have written down about one exchange, found by its `x-fapi-interaction-id`. */
export class Trail {
  readonly #home: string;
  readonly #files: readonly string[];

  constructor(home: string, apps = APPS) {
    this.#home = home;
    this.#files = apps.map((app) => this.#fileOf(app));
  }

  /** The refusal of this exchange; waits a moment for a writer that is behind. */
  refusalOf(interaction: string): Promise<Found> {
    return this.#refusalWith([interaction]);
  }

  /** The last refusal of a gRPC call, which has no such id: by its method and by the thumbprint of who called. */
  refusalOfCall(method: string, thumbprint: string): Promise<Found> {
    return this.#refusalWith([thumbprint, method]);
  }

  /** The connections that a process has refused before there was a call, oldest first: they have nothing else to be found by. */
  refusedConnections(app: string): readonly TrailEvent[] {
    const events = eventsIn([this.#fileOf(app)], ['rpc.connection"']).map(({ event }) => event);
    return events.filter(({ outcome }) => outcome === 'refused');
  }

  #fileOf(app: string): string {
    return join(this.#home, 'audit', `${app}.jsonl`);
  }

  async #refusalWith(marks: readonly string[]): Promise<Found> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const found = eventsIn(this.#files, marks).findLast(({ event }) => event.outcome === 'refused');
      if (found !== undefined) return found;
      if (performance.now() > until) throw new Error(`no refusal is written down for ${marks.join(', ')}`);
      await sleep(25);
    }
  }
}

/** The events in these files that contain every mark. */
function eventsIn(files: readonly string[], marks: readonly string[]): Found[] {
  const lines = files.filter(existsSync).flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  // A half-written last line is seen whole at the next glance.
  const about = lines.filter((line) => marks.every((mark) => line.includes(mark)) && line.endsWith('}'));
  return about.map((line) => ({ line, event: JSON.parse(line) as TrailEvent }));
}
