import type { VerdictWorld } from './verdict-world.ts';

/** What was seen of the running platform. Never holds a token, code, assertion or key. */
export interface Seen {
  readonly held: boolean;
  readonly observed: string;
}

/** One question to the running platform, from outside, over real sockets. */
export interface Probe {
  /** The line of the list that is asked for: `PAR-02`. */
  readonly line: string;
  /** What the platform shows when it holds the line. */
  readonly expected: string;
  /** Throws when the question could not be asked; that proves nothing either way. */
  ask(world: VerdictWorld): Promise<Seen>;
}

export const probe = (line: string, expected: string, ask: Probe['ask']): Probe => ({ line, expected, ask });

export const seen = (held: boolean, observed: string): Seen => ({ held, observed });

/** Several sights of one line: it holds when each does, and the first that does not is told. */
export function all(...sights: readonly Seen[]): Seen {
  const odd = sights.find(({ held }) => !held);
  return odd ?? { held: sights.length > 0, observed: [...new Set(sights.map(({ observed }) => observed))].join(', ') };
}
