import { RpcConfigError } from './config-error.ts';

/** Every number of the channel. None comes from a clause; each is our choice, with its reason. */
export interface RpcLimits {
  /** Longest life of a plain call, in milliseconds, whatever deadline the caller asked for or forgot to ask for. */
  readonly unaryMs: number;
  /** Longest life of a stream, in milliseconds. Opening it again is a fresh look at the caller's certificate. */
  readonly streamMs: number;
  /**
   * How often open calls are judged again, in milliseconds: what is known of revocations grows old without anybody saying so, and
   * what nobody vouches for any more has an end here.
   */
  readonly reviewMs: number;
  /** Age at which the server asks a connection to go, in milliseconds (±10 %): a revoked CA is not trusted for ever. */
  readonly connectionAgeMs: number;
  /** What such a connection has left for its calls, in milliseconds. Longer than a stream, so that none is torn. */
  readonly connectionAgeGraceMs: number;
  /** How long a stopping server waits for calls in flight, in milliseconds. */
  readonly drainMs: number;
  /** Largest message either way, in bytes. Our messages are short lists; one that is not is an attack or a fault. */
  readonly messageBytes: number;
  /** Calls at once on one connection. */
  readonly concurrentCalls: number;
  /** A silent connection is pinged after this long, and dropped when the ping is not answered in time; milliseconds. */
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
}

export const RPC_LIMITS: RpcLimits = Object.freeze({
  unaryMs: 10_000,
  streamMs: 100_000,
  reviewMs: 5_000,
  connectionAgeMs: 180_000,
  connectionAgeGraceMs: 120_000,
  drainMs: 10_000,
  messageBytes: 1024 * 1024,
  concurrentCalls: 128,
  keepaliveMs: 20_000,
  keepaliveTimeoutMs: 5_000,
});

/** How fast a client comes back after the server went away, in milliseconds: within about a second, without a storm. */
export const RECONNECT = Object.freeze({ firstMs: 100, longestMs: 700 });

/**
 * The limits in force. A process may tighten one, never widen it: a year of connection age would switch a rule off.
 * @throws RpcConfigError when a value is above its ceiling or not a positive whole number.
 */
export function tightenLimits(tighter: Partial<RpcLimits> = {}): RpcLimits {
  for (const [name, value] of Object.entries(tighter) as [keyof RpcLimits, number][]) {
    // Object.hasOwn: a name that is no limit has no ceiling to stay under.
    const ceiling = Object.hasOwn(RPC_LIMITS, name) ? RPC_LIMITS[name] : 0;
    if (Number.isSafeInteger(value) && value > 0 && value <= ceiling) continue;
    throw new RpcConfigError(
      `rpc limit ${name} is ${value}`,
      `give a whole number from 1 to ${ceiling}, or leave it out`,
    );
  }
  return { ...RPC_LIMITS, ...tighter };
}
