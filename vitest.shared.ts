import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * The one vitest configuration: libraries are tested from their sources, each project in its own folder. Every run also leaves its
 * counts in `test-results/vitest.json`, where `npm test` reads them.
 */
export function vitestConfig(configUrl: string) {
  return defineConfig({
    root: dirname(fileURLToPath(configUrl)),
    resolve: { conditions: ['@holdfast/source'] },
    ssr: { resolve: { conditions: ['@holdfast/source'] } },
    test: {
      include: ['**/*.spec.ts', '**/*.spec.tsx'],
      exclude: ['**/node_modules/**', 'dist/**', 'out-tsc/**'],
      environment: 'node',
      testTimeout: 20_000,
      hookTimeout: 60_000,
      reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
    },
  });
}
