import type { RpcServer } from '../real/real-stack.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange } from '../wire/https-call.ts';
import { grpcCall } from '../wire/grpc-call.ts';
import { encodeMessage } from '../wire/protobuf.ts';

const SERVICE = 'holdfast.authorization.v1.TokenStatus';

/** Asks whether a token is alive: a way to find out which tokens are worth stealing. */
export function introspect(caller: Caller, server: RpcServer): Promise<Exchange> {
  return grpcCall(caller, {
    ...server,
    method: `${SERVICE}/Introspect`,
    message: encodeMessage({ 1: 'some-token', 2: 'some-grant' }),
  });
}

/** Listens to every revocation of the platform. */
export function watchRevocations(caller: Caller, server: RpcServer): Promise<Exchange> {
  return grpcCall(caller, {
    ...server,
    method: `${SERVICE}/WatchRevocations`,
    message: encodeMessage({ 1: 0 }),
    stream: true,
  });
}
