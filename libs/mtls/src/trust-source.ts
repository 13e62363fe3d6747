import type { Trust } from './trust.ts';

/** Trusted authorities that may change while the process runs, as an `IdentitySource` does for the own certificate. */
export interface TrustSource {
  current(): Trust;
  /** Calls `listener` after every change; the answer unsubscribes. */
  onChange(listener: (trust: Trust) => void): () => void;
}
