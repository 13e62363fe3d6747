import { Server } from '@grpc/grpc-js';
import type { Metadata, ServerOptions } from '@grpc/grpc-js';
import type { IdentitySource, PeerTrust } from '@holdfast/mtls';
import { admission, endCallsOfTheRevoked } from './admission.ts';
import type { Caller, RpcDecision } from './caller.ts';
import { checkCallerLists } from './caller-policy.ts';
import type { CallerLists } from './caller-policy.ts';
import { RpcConfigError } from './config-error.ts';
import { HealthService } from './gen/grpc/health/v1/health.ts';
import { health } from './health.ts';
import { KnownCallers } from './known-callers.ts';
import { tightenLimits } from './limits.ts';
import type { RpcLimits } from './limits.ts';
import { listen, StreamsEnd } from './listener.ts';
import { OpenCalls } from './open-calls.ts';
import { streamHandler, unaryHandler } from './served-call.ts';
import type { RpcFailure, Serving } from './served-call.ts';
import { methodName, serviceName } from './service-definition.ts';
import type { CallContext, Handlers, RpcServiceDefinition } from './service-definition.ts';
import { parseServiceName, PeerRefused, serviceOf } from './service-identity.ts';

/** A contract and what implements it. */
export interface RpcService<D extends RpcServiceDefinition = RpcServiceDefinition> {
  readonly definition: D;
  readonly implementation: Handlers<D>;
}

export interface ServeRpcOptions<S extends readonly RpcServiceDefinition[]> {
  /** Which service this process is, such as `bank`. Its certificate must say the same. */
  readonly name: string;
  /** Where to listen; port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  readonly identity: IdentitySource;
  /** Whose certificates open this door: a change of authorities ends what the old ones let in, a revocation whom it names. */
  readonly peers: PeerTrust;
  /** Who may call what, for every method that is served, the health service's included. */
  readonly callers: CallerLists;
  readonly services: { readonly [I in keyof S]: RpcService<S[I]> };
  /** What the health service says until `setServing`; serving when absent. */
  readonly health?: { readonly serving: boolean };
  /** Told of every decision, before the call goes on, and of every connection that was refused. When it throws, the call is refused. */
  readonly onDecision?: (decision: RpcDecision) => void;
  /** Told of every handler that failed, with the error itself; the caller gets the code alone. */
  readonly onFailure?: (failure: RpcFailure) => void;
  readonly clock?: { now(): Date };
  /** Tighter limits than `RPC_LIMITS`. */
  readonly limits?: Partial<RpcLimits>;
}

export interface RpcServer {
  readonly port: number;
  /** Changes what the health service says. */
  setServing(serving: boolean): void;
  /** Stops listening, ends streams, lets calls in flight finish; resolves when the last connection is gone. */
  close(): Promise<void>;
}

/**
 * Serves contracts over mutual TLS 1.3 and nothing else.
 *
 * A caller is the service that its certificate names; it reaches a method only when the method's list names it.
 * @throws RpcConfigError when a method has no callers, a list names no served method, a handler is missing, the own
 *   certificate names another service, or the address cannot be bound.
 */
export async function serveRpc<const S extends readonly RpcServiceDefinition[]>(
  options: ServeRpcOptions<S>,
): Promise<RpcServer> {
  checkOwnName(options.name, options.identity);
  const limits = tightenLimits(options.limits);
  const offered = options.services as readonly RpcService[];
  const names = offered.map((service) => serviceName(service.definition));
  const state = health(names, options.health?.serving ?? true);
  const services: readonly RpcService[] = [...offered, { definition: HealthService, implementation: state.handlers }];
  const policy = checkCallerLists(
    services.map((service) => service.definition),
    options.callers,
  );

  const admitted = new WeakMap<Metadata, Caller>();
  const streams = new StreamsEnd();
  const now = () => options.clock?.now() ?? new Date();
  const { peers, onDecision = () => {} } = options;
  const rules = { policy, peers, known: new KnownCallers() };
  const gate = { ...rules, limits, now, admitted, onDecision, open: new OpenCalls() };
  const server = new Server({ ...serverOptions(limits), interceptors: [admission(gate)] });
  const serving = { admitted, streamsEnd: () => streams.signal, onFailure: options.onFailure ?? (() => {}) };
  for (const service of services) register(server, serving, service);

  const listener = await listen({ ...options, server, limits, streams, onDecision });
  const reviewing = setInterval(() => endCallsOfTheRevoked(gate), limits.reviewMs).unref();
  const stopReviewing = peers.revocations.onChange(() => {
    endCallsOfTheRevoked(gate);
    if (rules.known.some((caller) => peers.revocations.statusOf(caller, now()) === 'revoked')) listener.reconnect();
  });
  let closing: Promise<void> | undefined;
  return {
    port: listener.port,
    setServing: (serving) => state.set(serving),
    close: () => {
      state.set(false);
      stopReviewing();
      clearInterval(reviewing);
      return (closing ??= listener.close());
    },
  };
}

/** A server with somebody else's certificate would start, and then be refused by every caller: better not to start. */
function checkOwnName(name: string, identity: IdentitySource): void {
  const service = parseServiceName(name);
  try {
    if (serviceOf(identity.current().leaf) === service) return;
  } catch (error) {
    if (!(error instanceof PeerRefused)) throw error;
  }
  throw new RpcConfigError(
    `the certificate of ${name} does not name spiffe://holdfast.test/${service}`,
    'give the service its own internal certificate, or correct the name',
  );
}

function serverOptions(limits: RpcLimits): ServerOptions {
  return {
    'grpc.max_receive_message_length': limits.messageBytes,
    'grpc.max_send_message_length': limits.messageBytes,
    'grpc.max_concurrent_streams': limits.concurrentCalls,
    'grpc.max_connection_age_ms': limits.connectionAgeMs,
    'grpc.max_connection_age_grace_ms': limits.connectionAgeGraceMs,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    // Nobody is given these records, but without them forceShutdown knows no connections and leaves every one open.
    'grpc.enable_channelz': 1,
  };
}

type AnyHandler<R> = (request: unknown, call: CallContext) => R;

/** Every method gets its handler or the boot ends: grpc-js would answer a missing one with `unimplemented`, in silence. */
function register(server: Server, serving: Serving, { definition, implementation }: RpcService): void {
  for (const [key, method] of Object.entries(definition)) {
    const name = methodName(method);
    const handler: unknown = implementation[key];
    if (typeof handler !== 'function' || method.requestStream) {
      throw new RpcConfigError(
        `${name} has no handler`,
        'implement every method; streams from the caller are not spoken',
      );
    }
    const bound: unknown = handler.bind(implementation);
    const [handle, kind] = method.responseStream
      ? ([streamHandler(serving, name, bound as AnyHandler<AsyncIterable<unknown>>), 'serverStream'] as const)
      : ([unaryHandler(serving, name, bound as AnyHandler<Promise<unknown>>), 'unary'] as const);
    const fresh = server.register(
      method.path,
      handle,
      method.responseSerialize as never,
      method.requestDeserialize,
      kind,
    );
    if (!fresh) throw new RpcConfigError(`${name} is served twice`, 'list each service once');
  }
}
