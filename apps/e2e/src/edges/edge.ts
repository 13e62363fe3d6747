import { behindProxy } from '@holdfast/tools/platform';
import type { Platform } from '@holdfast/tools/platform';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { World } from '../platform/global-setup.ts';
import { runPlatform } from '../platform/run-platform.ts';
import { runProxy, whyNot } from '../platform/run-proxy.ts';
import type { ProxyName } from '../platform/run-proxy.ts';
import { Participants } from '../wire/participants.ts';
import { RawClient } from '../wire/raw-client.ts';
import { Trail } from '../wire/trail.ts';

/** Who ends the TLS of clients with certificates: the applications themselves, or a proxy. */
export type EdgeName = 'native' | ProxyName;

/** The edges that have to be alike. */
export const EDGES = ['native', 'nginx', 'HAProxy'] as const satisfies readonly EdgeName[];
export const PROXIES = ['nginx', 'HAProxy'] as const satisfies readonly EdgeName[];

const isMissing = (name: EdgeName): boolean => name !== 'native' && whyNot(name) !== undefined;

/** The name of an edge in a title, and why its tests do not run where they cannot. */
function titleOf(name: EdgeName): string {
  const reason = name === 'native' ? undefined : whyNot(name);
  return reason === undefined ? name : `${name} (NOT RUN: ${reason})`;
}

/**
 * One platform for the suites of a file, behind whichever proxy runs at the moment; its own doors stay where they are.
 * @returns the platform, once the tests run
 */
export function platformBehindProxy(): () => Platform {
  let platform: Platform | undefined;
  beforeAll(async () => {
    // Nobody else is to be waited for when trust is rotated.
    const processes = ['authorization-server', 'bank'] as const;
    platform = await runPlatform(processes, (app, configuration) =>
      app === 'certificate-authority' ? { ...configuration, processes } : behindProxy(app, configuration),
    );
  });
  afterAll(() => platform?.stop());
  return () => {
    if (platform === undefined) throw new Error('the platform does not run yet');
    return platform;
  };
}

/** Everything a suite needs of one edge while that edge is up. */
export interface Standing {
  readonly world: World;
  readonly trail: Trail;
  readonly participants: Participants;
  readonly byDns: RawClient;
  readonly byBytes: RawClient;
  readonly other: RawClient;
}

/** Describes a suite of one edge, and starts the proxy around it; on a machine without that proxy the title says so. */
export function onEdge(
  name: EdgeName,
  behind: () => Platform,
  title: string,
  suite: (standing: () => Standing) => void,
): void {
  describe.skipIf(isMissing(name))(`${titleOf(name)}: ${title}`, () => {
    let standing: Standing;
    const ends: (() => Promise<unknown>)[] = [];
    beforeAll(async () => {
      const { home, urls } = name === 'native' ? inject('world') : behind();
      const world = { home, urls };
      if (name !== 'native') {
        const proxy = await runProxy(name, world);
        ends.push(() => proxy.stop());
      }
      const client = (client: string): RawClient => {
        const made = new RawClient(client, world);
        ends.push(() => made.close());
        return made;
      };
      standing = {
        world,
        trail: new Trail(world.home, ['authorization-server', 'bank']),
        participants: new Participants(world.home),
        byDns: client('security-tls-2'),
        byBytes: client('security-self-signed-2'),
        other: client('security-tls-1'),
      };
    });
    afterAll(async () => {
      for (const end of ends.toReversed()) await end();
    });
    suite(() => standing);
  });
}
