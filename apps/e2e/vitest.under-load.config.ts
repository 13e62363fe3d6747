import { mergeConfig } from 'vitest/config';
import { vitestConfig } from '../../vitest.shared.ts';

// The suites that keep a load up for minutes, one at a time.
export default mergeConfig(vitestConfig(import.meta.url, 'under-load'), {
  test: { dir: 'src/under-load', fileParallelism: false },
});
