import { mergeConfig } from 'vitest/config';
import { vitestConfig } from '../../vitest.shared.ts';

// The register is tested on both databases.
export default mergeConfig(vitestConfig(import.meta.url), {
  test: { globalSetup: ['../../libs/store/src/testing/postgres-global-setup.ts'] },
});
