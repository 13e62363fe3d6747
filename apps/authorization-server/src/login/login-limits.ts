/** What wrong passwords lead to, for one name or for one address. */
export interface FailureLimit {
  /** Failures before the first lock. */
  readonly free: number;
  /** Milliseconds of the first lock; each failure after it doubles the lock. */
  readonly firstLock: number;
  /** Milliseconds of the longest lock. */
  readonly longestLock: number;
  /** Milliseconds after which failures are forgotten when none follows. */
  readonly memory: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Every number of logging in. */
export const LOGIN_LIMITS = {
  // Our choice, no clause: a person mistypes a few times; a guesser gets some three hundred attempts a day at one name,
  // from however many places. The lock is short, because it also stands before the person whose name it is.
  name: { free: 5, firstLock: 15 * SECOND, longestLock: 5 * MINUTE, memory: 60 * MINUTE },
  // Our choice, no clause: several people share an address. Its longest lock is a multiple of a name's: whoever keeps guessing
  // from one place shuts himself out most of the time, and the owner of the name only for a part of it.
  address: { free: 20, firstLock: 15 * SECOND, longestLock: 15 * MINUTE, memory: 60 * MINUTE },
  // Our choice, no clause: scrypt takes 32 MiB and a core for each password. Two at a time leave half of Node's four threads to
  // files and names, and of any lock no more guesses than these slip through, however many are sent at once.
  parallelChecks: 2,
  // Our choice, no clause: as many as are judged within the time a person waits for a page.
  waitingChecks: 40,
  /** Seconds to come back after when too many are waiting. Our choice, no clause: the queue is empty by then. */
  queueRetry: 10,
} as const;

/** @returns milliseconds a lock lasts after so many failures; 0 when there is none */
export function lockAfter(failures: number, { free, firstLock, longestLock }: FailureLimit): number {
  if (failures < free) return 0;
  return Math.min(longestLock, firstLock * 2 ** (failures - free));
}
