import { mergeConfig } from 'vitest/config';
import { vitestConfig } from '../../vitest.shared.ts';

// The suites for which minutes go by, or a year, each on platforms of its own, one at a time.
export default mergeConfig(vitestConfig(import.meta.url, 'apart'), {
  test: { dir: 'src/apart', fileParallelism: false },
});
