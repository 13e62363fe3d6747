import type { Trust } from './trust.ts';

/** Trusted authorities that may change while the process runs, as an `IdentitySource` does for the own certificate. */
export interface TrustSource {
  current(): Trust;
  /** Calls `listener` after every change; the answer unsubscribes. */
  onChange(listener: (trust: Trust) => void): () => void;
}

/** A plain `Trust` seen as a source that never changes. */
export function trustSource(trust: Trust | TrustSource): TrustSource {
  return 'current' in trust ? trust : { current: () => trust, onChange: () => () => {} };
}
