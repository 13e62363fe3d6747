import { mergeConfig } from 'vitest/config';
import { vitestConfig } from '../../vitest.shared.ts';

// One platform for all suites, one suite at a time: what a suite measures is not another one's load.
export default mergeConfig(vitestConfig(import.meta.url), {
  test: {
    globalSetup: ['src/platform/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
