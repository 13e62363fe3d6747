import { beforeEach, expect, inject } from 'vitest';
import type { Plugin, PluginInstance, PreconditionFailure } from 'fast-check';

/** How the properties of a run are tried. */
export interface PropertyRun {
  /** Where fast-check starts; with the same seed and the same code, every case is the same. */
  readonly seed: number;
  /** Cases per property at most. */
  readonly cases: number;
  /** After how many milliseconds a property takes no further case; absent, only `cases` ends it. */
  readonly milliseconds?: number;
  /** The way from the seed to one case, as fast-check writes it. */
  readonly path?: string;
}

/** What became of a property: in the `meta` of its test, for whoever reports. */
export interface PropertyOutcome {
  readonly cases: number;
  readonly seed: number;
  readonly path: string | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    properties: PropertyRun;
  }
  interface TaskMeta {
    property?: PropertyOutcome;
  }
}

/**
 * Our choice, no clause: milliseconds of processor time for one case. Inputs are as large as the platform's own limits allow, so
 * a reader in quadratic time, or a pattern that backtracks, is far above it and every other one far below.
 */
const CASE_LIMIT = 1_000;

// Set up for every test file, and at work in the files of properties alone.
if (expect.getState().testPath?.endsWith('.property.spec.ts')) {
  const { default: fc } = await import('fast-check');
  const { seed, cases, milliseconds, path } = inject('properties');
  fc.configureGlobal({
    seed,
    numRuns: cases,
    includeErrorInReport: true,
    // Read like every other parameter, but not in the type: one path belongs to one property.
    ...(path === undefined ? {} : { path }),
  });
  fc.installGlobalPlugin(endsInTime);
  if (milliseconds !== undefined)
    fc.installGlobalPlugin(endsAfter(milliseconds, () => new fc.PreconditionFailure(true)));
  fc.installGlobalPlugin(tellsItsTest());
}

/** A case that takes too long is a counterexample like any other. */
function endsInTime(): PluginInstance<unknown> {
  return {
    decorateRun: (run) => (value) => {
      const before = process.cpuUsage();
      const judge = (result: Awaited<ReturnType<typeof run>>) => {
        const { user, system } = process.cpuUsage(before);
        const spent = Math.round((user + system) / 1_000);
        if (result !== null || spent <= CASE_LIMIT) return result;
        return { error: new Error(`one case took ${spent} ms of processor time, the limit is ${CASE_LIMIT} ms`) };
      };
      const result = run(value);
      return result instanceof Promise ? result.then(judge) : judge(result as Awaited<typeof result>);
    },
  };
}

/** The time of a property begins with its first case: making the first one may take a while on a busy machine. */
function endsAfter(milliseconds: number, end: () => PreconditionFailure): Plugin<unknown> {
  return () => {
    let begun: number | undefined;
    return {
      decorateRun: (run) => (value) => {
        const now = performance.now();
        begun ??= now;
        return now - begun < milliseconds ? run(value) : end();
      },
    };
  };
}

function tellsItsTest(): Plugin<unknown> {
  let meta: { property?: PropertyOutcome } | undefined;
  beforeEach(({ task }) => {
    meta = task.meta;
  });
  return () => ({
    onAllRunsComplete({ numRuns, seed, counterexamplePath }) {
      if (meta !== undefined) meta.property = { cases: numRuns, seed, path: counterexamplePath };
    },
  });
}
