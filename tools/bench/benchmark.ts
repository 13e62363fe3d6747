import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Progress } from '../progress.ts';

/** What a benchmark is given. */
export interface BenchmarkRun {
  /** The command line behind the name of the benchmark. */
  readonly args: readonly string[];
  readonly progress: Progress;
  /** Aborted when a person wants it to end: it stops what it started, then returns or throws. */
  readonly signal: AbortSignal;
}

/** A file of the folder `benchmarks`, which exports it as `benchmark`; its file name is what it is called by. */
export interface Benchmark {
  /** One line for the help. */
  readonly summary: string;
  /** The options it understands, for the help. */
  readonly usage: string;
  /**
   * Measures and prints.
   * @returns the exit code: 0 after a sound run
   * @throws when the run is broken
   */
  run(run: BenchmarkRun): Promise<number>;
}

const folder = join(import.meta.dirname, 'benchmarks');

export function benchmarkNames(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => basename(file, '.ts'))
    .toSorted();
}

export async function loadBenchmark(name: string): Promise<Benchmark> {
  const { benchmark } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { benchmark: Benchmark };
  return benchmark;
}
