import { Metadata } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import type { Channel } from './channel.ts';
import { RPC_LIMITS } from './limits.ts';
import type { CallOptions } from './rpc-client.ts';
import { receivedError, RpcError } from './rpc-error.ts';
import { methodName } from './service-definition.ts';
import type { RpcMethod } from './service-definition.ts';

/** One call from this side: which line it goes over, until when, and how it can be stopped. */
class OutgoingCall {
  readonly method: string;
  readonly deadline: Date;
  readonly client;
  readonly #signal: AbortSignal | undefined;
  readonly #end: () => void;
  #stop: () => void = () => {};

  constructor(channel: Channel, method: RpcMethod, deadlineMs: number, signal: AbortSignal | undefined) {
    this.method = methodName(method);
    this.deadline = new Date(Date.now() + deadlineMs);
    const line = channel.line();
    if (line === undefined) throw new RpcError('cancelled', `${this.method}: this client is closed`);
    if (signal?.aborted) throw new RpcError('cancelled', `${this.method}: cancelled before it began`);
    this.client = line.client;
    this.#signal = signal;
    this.#end = line.begin(() => this.#stop());
  }

  /** @param stop cancels the call at the server too. */
  begun(stop: () => void): void {
    this.#stop = stop;
    this.#signal?.addEventListener('abort', stop, { once: true });
  }

  over(): void {
    this.#signal?.removeEventListener('abort', this.#stop);
    this.#end();
  }

  /** What the caller is told. A call that it did not cancel itself was cut by the other side, the network or a closing line. */
  failure(error: ServiceError): RpcError {
    const received = receivedError(this.method, error);
    if (this.#signal?.aborted) return new RpcError('cancelled', `${this.method}: cancelled`, { cause: error });
    if (received.code === 'cancelled') return new RpcError('unavailable', received.message, { cause: error });
    return received;
  }
}

export function callUnary(
  channel: Channel,
  method: RpcMethod,
  deadlineMs: number,
  request: unknown,
  options: CallOptions,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = new OutgoingCall(channel, method, options.deadlineMs ?? deadlineMs, options.signal);
    const sent = call.client.makeUnaryRequest(
      method.path,
      method.requestSerialize as (value: unknown) => Buffer,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline: call.deadline },
      (error, response) => {
        call.over();
        if (error === null) resolve(response);
        else reject(call.failure(error));
      },
    );
    call.begun(() => sent.cancel());
  });
}

export async function* callStream(
  channel: Channel,
  method: RpcMethod,
  request: unknown,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  const call = new OutgoingCall(channel, method, options.deadlineMs ?? RPC_LIMITS.streamMs, options.signal);
  const stream = call.client.makeServerStreamRequest(
    method.path,
    method.requestSerialize as (value: unknown) => Buffer,
    method.responseDeserialize,
    request,
    new Metadata(),
    { deadline: call.deadline },
  );
  call.begun(() => stream.cancel());
  // The loop below reports errors; this keeps one that comes after the loop from ending the process.
  stream.on('error', () => {});
  // A reader who never asks for the next message must not keep the line open after the stream has ended.
  stream.once('status', () => call.over());
  try {
    yield* stream;
  } catch (error) {
    throw call.failure(error as ServiceError);
  } finally {
    stream.cancel();
    call.over();
  }
}
