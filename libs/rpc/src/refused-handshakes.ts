import type { Server } from '@grpc/grpc-js';
import type { Http2SecureServer } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { faultOfHandshake } from '@holdfast/mtls';
import type { RpcDecision } from './caller.ts';
import { RpcConfigError } from './config-error.ts';

/**
 * Tells of every connection that was refused for its certificate: no call came of it, so nothing else would. grpc-js has no event for
 * it and keeps its TLS servers to itself; they are looked up where it keeps them.
 * @param server bound already
 * @throws RpcConfigError when they are not there any more: who was turned away would be seen by nobody
 */
export function watchRefusedHandshakes(server: Server, onDecision: (decision: RpcDecision) => void): void {
  const { http2Servers } = server as unknown as { readonly http2Servers?: ReadonlyMap<Http2SecureServer, unknown> };
  const doors = [...(http2Servers?.keys() ?? [])];
  if (doors.length === 0)
    throw new RpcConfigError('refused handshakes cannot be watched', 'use the version of grpc-js in the lockfile');
  for (const door of doors)
    door.on('tlsClientError', (error: Error, { authorizationError }: TLSSocket) => {
      const fault = faultOfHandshake(error, authorizationError);
      if (fault === undefined) return;
      try {
        onDecision({ ...nobody, ...fault });
      } catch {
        // What cannot be recorded is refused all the same.
      }
    });
}

const nobody = {
  method: undefined,
  outcome: 'refused',
  caller: undefined,
  presented: [],
  thumbprint: undefined,
} as const;
