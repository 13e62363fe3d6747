import { mergeConfig } from 'vitest/config';
import { vitestConfig } from '../../vitest.shared.ts';

// One platform for all suites, one suite at a time: what a suite measures is not another one's load. Those that start platforms of
// their own and mostly wait run beside, by vitest.apart.config.ts.
export default mergeConfig(vitestConfig(import.meta.url), {
  test: {
    exclude: ['src/apart/**'],
    globalSetup: ['src/platform/global-setup.ts'],
    fileParallelism: false,
  },
});
