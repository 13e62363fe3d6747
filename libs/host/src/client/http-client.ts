import type { LookupFunction } from 'node:net';
import type { IdentitySource, NameResolution, Trust } from '@holdfast/mtls';
import { clientTls } from '@holdfast/mtls';
import type { Dispatcher, RequestInit, Response } from 'undici';
import { Agent, fetch, Headers } from 'undici';
import { SwappingDispatcher } from './swapping-dispatcher.ts';

export interface HttpClientOptions {
  /** Presented when the server asks for a certificate. A new one is used for new connections without dropping calls in flight. */
  readonly identity?: IdentitySource;
  readonly serverTrust: Trust;
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
   * `fetch` over this client's connections: https only, redirects are answers and never followed, bounded in time and size.
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
  const { deadlineMs = DEADLINE_MS, identity } = options;
  const dispatcher = new SwappingDispatcher(() => createAgent(options));
  const stopFollowing = identity?.onChange(() => dispatcher.swap());
  return {
    dispatcher,
    fetch: (url, init = {}) => boundedFetch(url, init, dispatcher, deadlineMs),
    close: async () => {
      stopFollowing?.();
      await dispatcher.close();
    },
  };
}

function createAgent(options: HttpClientOptions): Agent {
  const { identity, serverTrust, names, deadlineMs = DEADLINE_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const tls = {
    ...clientTls({ serverTrust, names, ...(identity === undefined ? {} : { identity }) }),
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  };
  return new Agent({
    // A resumed session would carry the verdict on an earlier certificate over to this connection.
    connect: { ...tls, timeout: CONNECT_MS, maxCachedSessions: 0, allowH2: false } as Agent.Options['connect'] & object,
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
  const response = await fetch(url, { ...init, headers, redirect: 'manual', dispatcher, signal });
  if (response.headers.has('content-encoding')) {
    await response.body?.cancel();
    throw new TypeError('the answer is compressed, which was not asked for');
  }
  return response;
}
