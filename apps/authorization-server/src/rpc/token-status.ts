import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@holdfast/fapi';
import { isTokenAlive } from '@holdfast/fapi/as';
import type { AuthorizationState, Engine, Revocation } from '@holdfast/fapi/as';
import { RevocationKind } from '@holdfast/rpc/authorization';
import type { RevocationUpdate, TokenStatusHandlers } from '@holdfast/rpc/authorization';

/** How often the store is asked, and so the heartbeat. A quarter of the two seconds a revocation may take. Milliseconds. */
const INTERVAL = 500;
/** How far back each look reaches: another replica's clock and a slow commit can date a revocation before our last look. */
const OVERLAP = 5_000;
/** A stream ends in good order before the channel's own bound tears it; opening the next is a fresh look at the caller. */
const STREAM_LIFE = 90_000;

/**
 * What the bank asks about tokens. Revocations are read from the store, not from this process: with several replicas any
 * of them may have taken the revocation.
 */
export function tokenStatus(engine: Pick<Engine, 'state' | 'clients' | 'clock'>): TokenStatusHandlers {
  const { state, clock } = engine;
  return {
    introspect: async ({ tokenId, grantId }) => ({ active: await isTokenAlive(engine, tokenId, grantId) }),
    watchRevocations: ({ sinceCursor }, { signal }) => watch(state, clock, sinceCursor, signal),
  };
}

async function* watch(
  state: AuthorizationState,
  clock: Clock,
  sinceCursor: number,
  signal: AbortSignal,
): AsyncGenerator<RevocationUpdate> {
  let cursor = sinceCursor;
  let told = new Map<string, number>();
  const end = performance.now() + STREAM_LIFE;
  while (!signal.aborted && performance.now() < end) {
    const from = new Date(Math.max(0, cursor - OVERLAP));
    const found = await state.revocationsSince(from, clock.now());
    const fresh = found.filter((revocation) => !told.has(keyOf(revocation)));
    // Only what the next look can bring again has to be remembered.
    told = new Map(found.map((revocation) => [keyOf(revocation), revocation.revokedAt.getTime()]));
    cursor = Math.max(cursor, ...found.map(({ revokedAt }) => revokedAt.getTime()));
    yield { cursor, revocations: fresh.map(asMessage), snapshotComplete: true };
    await wait(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}

const keyOf = ({ kind, id }: Revocation): string => `${kind} ${id}`;

const asMessage = ({ kind, id, until }: Revocation) => ({
  kind: kind === 'grant' ? RevocationKind.GRANT : RevocationKind.ACCESS_TOKEN,
  id,
  expiresAt: Math.ceil(until.getTime() / 1000),
});
