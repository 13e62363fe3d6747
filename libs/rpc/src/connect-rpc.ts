import type { IdentitySource, NameResolution, PeerTrust } from '@holdfast/mtls';
import { Channel } from './channel.ts';
import { RpcConfigError } from './config-error.ts';
import { callStream, callUnary } from './outgoing-call.ts';
import type { CallOptions, RpcClient } from './rpc-client.ts';
import type { ServerRefusal } from './server-identity.ts';
import type { RpcServiceDefinition } from './service-definition.ts';
import { parseServiceName } from './service-identity.ts';

export interface ConnectRpcOptions {
  /** `host:port`; the host must be in the server's certificate. */
  readonly target: string;
  readonly identity: IdentitySource;
  /** Whose certificates a server may have: a change of authorities is in force for the next call, a revocation at once. */
  readonly serverTrust: PeerTrust;
  /** The service that must answer: `spiffe://holdfast.test/bank`. */
  readonly expect: string;
  readonly names: NameResolution;
  /** How long a plain call may take, in milliseconds. Streams last until the server's bound. */
  readonly deadlineMs: number;
  /** Told when whoever answered at the address is not the service that was meant. */
  readonly onServerRefused?: (refusal: ServerRefusal) => void;
  readonly clock?: { now(): Date };
}

/**
 * A client for one contract of one service, over mutual TLS 1.3 and one channel that stays open. Returns at once; the
 * first call (or `ready`) connects. When the server goes away calls fail with `unavailable`, and the channel comes back
 * within about a second of the server.
 * @throws RpcConfigError for a target that is not `host:port`, a service name that is none, a deadline that is not positive.
 */
export function connectRpc<D extends RpcServiceDefinition>(definition: D, options: ConnectRpcOptions): RpcClient<D> {
  if (!(options.deadlineMs > 0 && Number.isFinite(options.deadlineMs))) {
    throw new RpcConfigError(`a deadline of ${options.deadlineMs} ms`, 'give a positive number of milliseconds');
  }
  const channel = new Channel({
    target: options.target,
    identity: options.identity,
    servers: options.serverTrust,
    names: options.names,
    expected: parseServiceName(options.expect),
    now: () => options.clock?.now() ?? new Date(),
    onServerRefused: options.onServerRefused ?? (() => {}),
  });
  const closing = new AbortController();
  const methods = Object.entries(definition).map(([key, method]) => {
    const call = (request: unknown, given: CallOptions = {}) => {
      if (!method.responseStream) return callUnary(channel, method, options.deadlineMs, request, given);
      const signal = given.signal ? AbortSignal.any([given.signal, closing.signal]) : closing.signal;
      return callStream(channel, method, request, { ...given, signal });
    };
    return [key, call] as const;
  });
  return {
    ...Object.fromEntries(methods),
    ready: (timeoutMs: number) => channel.ready(timeoutMs),
    close: () => {
      closing.abort();
      return channel.close();
    },
  } as RpcClient<D>;
}
