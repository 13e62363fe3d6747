import { availableParallelism } from 'node:os';
import { runPinnedCommand } from '../command.ts';

/** What one round is to do: where it starts, how long each property is tried, and in which files they are. */
export interface RoundOrder {
  readonly seed: number;
  /** Cases per property at most. */
  readonly cases: number;
  readonly milliseconds?: number;
  /** The way to one case, to try that one again. */
  readonly path?: string;
  /** Patterns of files, from the root of the workspace. */
  readonly include: readonly string[];
}

/** What became of one property; without a title, of a file that could not be read. */
export interface PropertyResult {
  readonly file: string;
  readonly title?: string;
  readonly cases?: number;
  readonly seed?: number;
  /** Null when it held. */
  readonly path?: string | null;
  readonly failure?: string;
}

export interface RoundOptions {
  /** Only properties whose title holds this text; is this text, where one case is tried again. */
  readonly title?: string;
  readonly signal?: AbortSignal;
  readonly tell?: (result: PropertyResult) => void;
}

/** How many files are tried at the same time. */
export const WORKERS = availableParallelism();

/**
 * Tries the properties once, on a fresh seed, in Vitest.
 * @returns one result per property, in the order they ended
 * @throws Error with the output of Vitest when it ends badly without telling of any failure
 */
export async function runRound(order: RoundOrder, options: RoundOptions = {}): Promise<readonly PropertyResult[]> {
  const results: PropertyResult[] = [];
  const lines = new Lines((line) => {
    if (!line.startsWith('{"file":')) return;
    const result = JSON.parse(line) as PropertyResult;
    results.push(result);
    options.tell?.(result);
  });
  const args = ['run', '--config', 'tools/fuzz/vitest.config.ts', `--maxWorkers=${WORKERS}`];
  const { code, output } = await runPinnedCommand('vitest', [...args, ...titleFilter(order, options)], {
    env: { HOLDFAST_FUZZ: JSON.stringify(order) },
    tell: (text) => lines.add(text),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const told = results.some(({ failure }) => failure !== undefined);
  if (code !== 0 && !told && options.signal?.aborted !== true) throw new Error(`Vitest ended badly:\n${output}`);
  return results;
}

/** Vitest takes a pattern; ours is plain text. */
function titleFilter({ path }: RoundOrder, { title }: RoundOptions): readonly string[] {
  if (title === undefined) return [];
  const text = title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return ['--testNamePattern', path === undefined ? text : `^${text}$`];
}

/** Puts pieces of output together to lines. */
class Lines {
  readonly #take: (line: string) => void;
  #rest = '';

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }
}
