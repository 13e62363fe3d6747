import type { Server } from '@grpc/grpc-js';
import { internalServerTls } from '@holdfast/mtls';
import type { IdentitySource, PeerTrust } from '@holdfast/mtls';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { RpcDecision } from './caller.ts';
import { RpcConfigError } from './config-error.ts';
import type { RpcLimits } from './limits.ts';
import { watchRefusedHandshakes } from './refused-handshakes.ts';
import { MutualTlsCredentials } from './server-credentials.ts';

/** Ends open streams. Each `end` reaches the streams that are open then; later ones belong to the next turn. */
export class StreamsEnd {
  #turn = new AbortController();

  get signal(): AbortSignal {
    return this.#turn.signal;
  }

  end(): void {
    this.#turn.abort();
    this.#turn = new AbortController();
  }
}

export interface ListenerOptions {
  readonly server: Server;
  readonly address: { readonly host: string; readonly port: number };
  readonly identity: IdentitySource;
  readonly peers: PeerTrust;
  readonly limits: RpcLimits;
  readonly streams: StreamsEnd;
  readonly onDecision: (decision: RpcDecision) => void;
}

export interface Listener {
  readonly port: number;
  /** Asks every connection to come back; calls in flight have the time of a plain call. */
  reconnect(): void;
  close(): Promise<void>;
}

/**
 * Binds the server to its address with TLS on it, and follows the certificates from then on.
 * @throws RpcConfigError when the address cannot be bound, or refused handshakes cannot be watched.
 */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { server, identity, limits, streams } = options;
  const peers = options.peers.trust;
  const tls = new MutualTlsCredentials(() => internalServerTls(identity, peers.current()));
  const host = options.address.host.includes(':') ? `[${options.address.host}]` : options.address.host;
  const port = await bind(server, `${host}:${options.address.port}`, tls);
  watchRefusedHandshakes(server, options.onDecision);
  const address = `${host}:${port}`;
  const reconnect = (): void => server.drain(address, limits.unaryMs);
  const unsubscribe = [
    identity.onChange(() => tls.reload()),
    peers.onChange(() => {
      tls.reload();
      // Connections that the old authorities let in must come back and prove themselves to the new ones.
      streams.end();
      reconnect();
    }),
  ];
  return {
    port,
    reconnect,
    close: () => {
      for (const stop of unsubscribe) stop();
      return stopServer(server, streams, limits.drainMs);
    },
  };
}

function bind(server: Server, address: string, tls: MutualTlsCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, tls, (error, port) => {
      const remedy = 'free the address, or choose another one in the configuration';
      if (error === null) resolve(port);
      else reject(new RpcConfigError(`cannot listen on ${address}: ${error.message}`, remedy, { cause: error }));
    });
  });
}

async function stopServer(server: Server, streams: StreamsEnd, drainMs: number): Promise<void> {
  // One turn, so that whoever watches the health service still hears that we are going.
  await setImmediate();
  const stopped = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  streams.end();
  const late = new AbortController();
  const overdue = setTimeout(drainMs, undefined, { signal: late.signal }).then(
    () => server.forceShutdown(),
    () => {},
  );
  await Promise.race([stopped, overdue]);
  late.abort();
}
