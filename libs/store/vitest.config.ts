import { mergeConfig } from 'vitest/config';
import { vitestConfig } from '../../vitest.shared.ts';

export default mergeConfig(vitestConfig(import.meta.url), {
  test: { globalSetup: ['src/testing/postgres-global-setup.ts'] },
});
