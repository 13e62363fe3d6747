/** One method of a contract, as the generator writes it. */
export interface RpcMethod {
  /** `/holdfast.bank.v1.AccountDirectory/ListShareableAccounts`. */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (value: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** A contract: the generated `AccountDirectory`, `TokenStatus`. */
export type RpcServiceDefinition = Readonly<Record<string, RpcMethod>>;

export type RequestOf<M extends RpcMethod> = ReturnType<M['requestDeserialize']>;
export type ResponseOf<M extends RpcMethod> = ReturnType<M['responseDeserialize']>;

/** What a handler knows about the call beside the request itself. */
export interface CallContext {
  /** `holdfast.bank.v1.AccountDirectory/ListShareableAccounts`. */
  readonly method: string;
  /** Which service is calling, from its certificate: `authorization-server`. */
  readonly caller: string;
  /**
   * Aborts when nobody waits for the answer any more: the caller went away, the deadline passed, or (streams only) the
   * server is about to stop. Pass it on to whatever the handler waits for.
   */
  readonly signal: AbortSignal;
}

/** What a process implements to serve a contract: a promise for each plain method, an async iterable for each stream. */
export type Handlers<D extends RpcServiceDefinition> = {
  readonly [K in keyof D]: D[K]['responseStream'] extends true
    ? (request: RequestOf<D[K]>, call: CallContext) => AsyncIterable<ResponseOf<D[K]>>
    : (request: RequestOf<D[K]>, call: CallContext) => Promise<ResponseOf<D[K]>>;
};

/** The name under which callers are listed: the path without its leading slash. */
export function methodName(method: RpcMethod): string {
  return method.path.slice(1);
}

/** The full name of a contract's service: `holdfast.bank.v1.AccountDirectory`. */
export function serviceName(definition: RpcServiceDefinition): string {
  const first = Object.values(definition)[0];
  if (first === undefined) throw new TypeError('a service definition has at least one method');
  return methodName(first).split('/')[0] ?? '';
}
