import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { PropertyRun } from './vitest.properties.ts';

/**
 * How properties (`*.property.spec.ts`) are tried among the unit tests: few cases, and the same ones every time, so that a test
 * that turns red was turned red by a change. `npm run fuzz` tries more, and others.
 */
const ORDINARY_PROPERTIES: PropertyRun = { seed: 20_261_126, cases: 100 };

/**
 * The one vitest configuration: libraries are tested from their sources, each project in its own folder. Every run also leaves its
 * counts in `test-results/<report>.json`, where `npm test` reads them.
 */
export function vitestConfig(configUrl: string, report = 'vitest') {
  return defineConfig({
    root: dirname(fileURLToPath(configUrl)),
    resolve: { conditions: ['@holdfast/source'] },
    ssr: { resolve: { conditions: ['@holdfast/source'] } },
    test: {
      include: ['**/*.spec.ts', '**/*.spec.tsx'],
      exclude: ['**/node_modules/**', 'dist/**', 'out-tsc/**'],
      environment: 'node',
      // Files of one worker share their modules: loading these for each file anew took twice as long as the tests themselves. So
      // nothing is mocked by module, and what a test changes outside of itself it puts back.
      isolate: false,
      // Much of a test is waiting: two at once also on a machine with two cores, where one is the default.
      maxWorkers: Math.max(2, availableParallelism() - 1),
      globalSetup: [fileURLToPath(new URL('vitest.temporary.ts', import.meta.url))],
      setupFiles: [fileURLToPath(new URL('vitest.properties.ts', import.meta.url))],
      provide: { properties: ORDINARY_PROPERTIES },
      // What a busy machine may need for what another one does at once. A test that asserts an instant says so itself.
      expect: { poll: { timeout: 10_000 } },
      testTimeout: 60_000,
      hookTimeout: 120_000,
      reporters: ['default', ['json', { outputFile: `test-results/${report}.json` }]],
    },
  });
}
