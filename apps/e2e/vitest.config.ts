import { mergeConfig } from 'vitest/config';
import { vitestConfig } from '../../vitest.shared.ts';

// One platform for all suites, one suite at a time: what a suite measures is not another one's load. Those under load mostly wait and
// have platforms of their own; they run beside, by vitest.under-load.config.ts.
export default mergeConfig(vitestConfig(import.meta.url), {
  test: {
    exclude: ['src/under-load/**'],
    globalSetup: ['src/platform/global-setup.ts'],
    fileParallelism: false,
  },
});
