import type { RequestOf, ResponseOf, RpcServiceDefinition } from './service-definition.ts';

export interface CallOptions {
  /** Replaces the connection's deadline for this call, in milliseconds. The server's own bound stays in force. */
  readonly deadlineMs?: number;
  /** Cancels the call, here and at the server. */
  readonly signal?: AbortSignal;
}

/** A contract seen from its caller, over one channel that stays open. Every failure is an `RpcError`. */
export type RpcClient<D extends RpcServiceDefinition> = {
  readonly [K in keyof D]: D[K]['responseStream'] extends true
    ? (request: RequestOf<D[K]>, options?: CallOptions) => AsyncIterable<ResponseOf<D[K]>>
    : (request: RequestOf<D[K]>, options?: CallOptions) => Promise<ResponseOf<D[K]>>;
} & {
  /**
   * Resolves once the channel stands: both certificates have been accepted. Says nothing about who may call what.
   * @param timeoutMs how long to wait; `RpcError` with code `unavailable` after that.
   */
  ready(timeoutMs: number): Promise<void>;
  /** Ends streams, lets calls in flight finish, closes the channel. Later calls fail with `cancelled`. */
  close(): Promise<void>;
};
