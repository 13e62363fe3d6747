import type { Metadata, sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import type { Caller } from './caller.ts';
import { codeOf, wireStatus } from './rpc-error.ts';
import type { RpcCode } from './rpc-error.ts';
import type { CallContext } from './service-definition.ts';

/** A handler that failed, for the log: the caller learns `code` and nothing else. */
export interface RpcFailure {
  readonly method: string;
  readonly caller: string;
  readonly code: RpcCode;
  readonly error: unknown;
}

/** What every served method shares. */
export interface Serving {
  readonly admitted: WeakMap<Metadata, Caller>;
  /** Aborts when open streams must end: the server stops, or the authorities it trusts have changed. */
  streamsEnd(): AbortSignal;
  readonly onFailure: (failure: RpcFailure) => void;
}

type UnaryCall = ServerUnaryCall<unknown, unknown>;
type StreamCall = ServerWritableStream<unknown, unknown>;
type Handle<R> = (request: unknown, call: CallContext) => R;

/** A plain method: one request, one answer. */
export function unaryHandler(serving: Serving, method: string, handle: Handle<Promise<unknown>>) {
  return (call: UnaryCall, answer: sendUnaryData<unknown>): void =>
    void serveUnary(serving, method, handle, call, answer);
}

/** A server stream: one request, answers for as long as both sides want. */
export function streamHandler(serving: Serving, method: string, handle: Handle<AsyncIterable<unknown>>) {
  return (call: StreamCall): void => void serveStream(serving, method, handle, call);
}

async function serveUnary(
  serving: Serving,
  method: string,
  handle: Handle<Promise<unknown>>,
  call: UnaryCall,
  answer: sendUnaryData<unknown>,
): Promise<void> {
  const caller = serving.admitted.get(call.metadata)?.service;
  // A way around the gate must not be a way in.
  if (caller === undefined) {
    answer(wireStatus('permission_denied'));
    return;
  }
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  call.once('cancelled', leave);
  try {
    const response = await handle(call.request, { method, caller, signal: gone.signal });
    // From here on the end of the call is no news for the handler.
    call.off('cancelled', leave);
    answer(null, response);
  } catch (error) {
    call.off('cancelled', leave);
    answer(wireStatus(codeOf(error)));
    if (!gone.signal.aborted) serving.onFailure({ method, caller, code: codeOf(error), error });
  }
}

async function serveStream(
  serving: Serving,
  method: string,
  handle: Handle<AsyncIterable<unknown>>,
  call: StreamCall,
): Promise<void> {
  const caller = serving.admitted.get(call.metadata)?.service;
  if (caller === undefined) {
    call.emit('error', wireStatus('permission_denied'));
    return;
  }
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort());
  const ending = serving.streamsEnd();
  const signal = AbortSignal.any([gone.signal, ending]);
  try {
    await send(call, handle(call.request, { method, caller, signal }), signal);
    call.end();
  } catch (error) {
    // A stream that is cut short must not look like one that is complete.
    call.emit('error', wireStatus(ending.aborted ? 'unavailable' : codeOf(error)));
    if (!signal.aborted) serving.onFailure({ method, caller, code: codeOf(error), error });
  }
}

async function send(call: StreamCall, source: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  const messages = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(messages.next(), signal);
      if (next.done) return;
      if (!call.write(next.value)) await once(call, 'drain', { signal });
    }
  } finally {
    // Not awaited: a source that is stuck must not keep the stream open. What it throws now concerns nobody.
    void Promise.resolve(messages.return?.()).catch(() => {});
  }
}

function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
