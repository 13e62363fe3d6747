import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The one vitest configuration: libraries are tested from their sources, each project in its own folder. */
export function vitestConfig(configUrl: string) {
  return defineConfig({
    root: dirname(fileURLToPath(configUrl)),
    resolve: { conditions: ['@holdfast/source'] },
    ssr: { resolve: { conditions: ['@holdfast/source'] } },
    test: {
      include: ['src/**/*.spec.ts', 'src/**/*.spec.tsx'],
      environment: 'node',
      testTimeout: 20_000,
      hookTimeout: 60_000,
    },
  });
}
