import type { Revocation } from '@holdfast/rpc/authorization';
import { RevocationKind } from '@holdfast/rpc/authorization';

/**
 * The revocations known here, and how fresh that knowledge is. What is revoked stays revoked through every loss of the
 * stream; only the certainty that nothing *else* was revoked grows old.
 */
export class RevocationList {
  readonly #elapsed: () => number;
  readonly #until = new Map<string, number>();
  #completeAt = -Infinity;

  /** @param elapsed milliseconds of a clock that only goes forward: a corrected wall clock must not make old news fresh */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** @throws Error for a kind we do not know: whatever it withdraws, we would go on accepting */
  add(revocations: readonly Revocation[]): void {
    for (const { kind, id, expiresAt } of revocations) this.#until.set(entry(kind, id), expiresAt * 1000);
  }

  /** Everything that was revoked up to this moment is in the list. */
  confirmComplete(): void {
    this.#completeAt = this.#elapsed();
  }

  /** Nothing is certain any more until the next {@link confirmComplete}. */
  doubt(): void {
    this.#completeAt = -Infinity;
  }

  /** Milliseconds since the list was known to be complete. */
  age(): number {
    return this.#elapsed() - this.#completeAt;
  }

  has(tokenId: string, grantId: string): boolean {
    return this.#until.has(`token ${tokenId}`) || this.#until.has(`grant ${grantId}`);
  }

  /** Forgets entries whose tokens have expired by themselves. */
  drop(now: Date): void {
    for (const [key, until] of this.#until) if (until <= now.getTime()) this.#until.delete(key);
  }

  get size(): number {
    return this.#until.size;
  }
}

function entry(kind: RevocationKind, id: string): string {
  switch (kind) {
    case RevocationKind.ACCESS_TOKEN:
      return `token ${id}`;
    case RevocationKind.GRANT:
      return `grant ${id}`;
    default:
      throw new Error('a revocation of an unknown kind arrived');
  }
}
