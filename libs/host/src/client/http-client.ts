import type { LookupFunction } from 'node:net';
import type { IdentitySource, NameResolution, PeerTrust, Trust } from '@holdfast/mtls';
import { clientTls } from '@holdfast/mtls';
import type { Dispatcher, RequestInit, Response } from 'undici';
import { Agent, buildConnector, fetch, Headers } from 'undici';
import { ServerConnections } from './server-connections.ts';
import { SwappingDispatcher } from './swapping-dispatcher.ts';

export interface HttpClientOptions {
  /** Presented when the server asks for a certificate. A new one is used for new connections without dropping calls in flight. */
  readonly identity?: IdentitySource;
  /**
   * Whose certificates servers may have. Live, it is followed: other authorities count for new connections, and a server that was
   * revoked, or of which nobody can tell, is not called (`code` of the innermost cause: `certificate_revoked`,
   * `revocation_unknown`). A plain bundle knows nothing of revocation; it is for asking one's own process and for tools.
   */
  readonly serverTrust: Trust | PeerTrust;
  /** The clock of certificates; the system's when absent. */
  readonly clock?: { now(): Date };
  readonly names: NameResolution;
  /** Stands in for the resolution of names: the caller has resolved this one, judged the address, and connects to no other. */
  readonly lookup?: LookupFunction;
  /** Milliseconds for one call from start to the last byte; 10 000 by default. */
  readonly deadlineMs?: number;
  /** Largest answer in bytes; 1 MiB by default. */
  readonly maxAnswerBytes?: number;
}

export interface HttpClient {
  /**
   * `fetch` over this client's connections: https only, redirects are answers and never followed, bounded in time and size. A GET
   * that crosses with the end of its connection is sent once more, over another one.
   * @throws TypeError as `fetch` does, with the reason as its `cause`
   */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** For libraries that take an undici dispatcher. */
  readonly dispatcher: Dispatcher;
  /** Lets calls in flight finish, then closes the connections. */
  close(): Promise<void>;
}

// Our choice, no clause.
const DEADLINE_MS = 10_000;
const CONNECT_MS = 5_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The one door for outgoing HTTP calls: server name and chain are verified against the given trust, always. */
export function httpClient(options: HttpClientOptions): HttpClient {
  const { clock, deadlineMs = DEADLINE_MS, identity, serverTrust } = options;
  const live = 'trust' in serverTrust ? serverTrust : undefined;
  const connections = live && new ServerConnections(live, () => clock?.now() ?? new Date());
  const dispatcher = new SwappingDispatcher(
    () => createAgent(options, connections),
    () => {
      if (connections?.hasEnded()) swap();
      connections?.dropUnfit();
    },
  );
  const swap = (): void => {
    connections?.retire();
    dispatcher.swap();
  };
  const stops = [
    identity?.onChange(swap),
    live?.trust.onChange(swap),
    live?.revocations.onChange(() => connections?.dropRevoked()),
  ];
  return {
    dispatcher,
    fetch: (url, init = {}) => boundedFetch(url, init, dispatcher, deadlineMs),
    close: async () => {
      for (const stop of stops) stop?.();
      await dispatcher.close();
    },
  };
}

function createAgent(options: HttpClientOptions, connections: ServerConnections | undefined): Agent {
  const { identity, serverTrust, names, deadlineMs = DEADLINE_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const authorities = 'trust' in serverTrust ? serverTrust.trust.current() : serverTrust;
  const tls = {
    ...clientTls({ serverTrust: authorities, names, ...(identity === undefined ? {} : { identity }) }),
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  };
  // A resumed session would carry the verdict on an earlier certificate over to this connection.
  const bounds = { timeout: CONNECT_MS, maxCachedSessions: 0, allowH2: false };
  const connect = buildConnector({ ...tls, ...bounds } as buildConnector.BuildOptions);
  return new Agent({
    connect: connections === undefined ? connect : connections.judging(connect),
    headersTimeout: deadlineMs,
    bodyTimeout: deadlineMs,
    maxResponseSize: maxAnswerBytes,
  });
}

async function boundedFetch(
  url: string | URL,
  init: RequestInit,
  dispatcher: Dispatcher,
  deadlineMs: number,
): Promise<Response> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
  // The bound on the answer counts bytes on the wire, and a compressed one would unpack past it.
  const headers = new Headers(init.headers);
  headers.set('accept-encoding', 'identity');
  // Our choice, no clause [TLS-13]: following a redirect would carry a request, and what authenticates it, to a host
  // nobody chose.
  const response = await fetchAcross(url, { ...init, headers, redirect: 'manual', dispatcher, signal });
  if (response.headers.has('content-encoding')) {
    await response.body?.cancel();
    throw new TypeError('the answer is compressed, which was not asked for');
  }
  return response;
}

/**
 * RFC9112-9.3.1, RFC9110-9.2.2: whoever answers may end a connection that rests at any moment, as a proxy does when it takes new
 * certificates, and a request may be on its way over it. One that changes nothing is repeated; no other is.
 */
async function fetchAcross(url: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (!SAFE_METHODS.has(init.method ?? 'GET') || !isConnectionEnded(error)) throw error;
    return fetch(url, init);
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD']);
const ENDED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const isConnectionEnded = (error: unknown): boolean =>
  ENDED.has(String((error as { cause?: { code?: unknown } }).cause?.code));
