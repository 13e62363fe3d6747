import type { PlatformUrls } from '@holdfast/tools/platform';
import type { TestProject } from 'vitest/node';
import { runPlatform } from './run-platform.ts';

/** The platform that the suites talk to: where it is, and where its keys and certificates lie. */
export interface World {
  readonly home: string;
  readonly urls: PlatformUrls;
}

declare module 'vitest' {
  interface ProvidedContext {
    world: World;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const platform = await runPlatform();
  project.provide('world', { home: platform.home, urls: platform.urls });
  return () => platform.stop();
}
