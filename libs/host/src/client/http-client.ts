import type { IdentitySource, NameResolution, Trust } from '@holdfast/mtls';
import type { Dispatcher, RequestInit, Response } from 'undici';

export interface HttpClientOptions {
  /** Presented when the server asks for a certificate. A new one is used for new connections without dropping calls in flight. */
  readonly identity?: IdentitySource;
  readonly serverTrust: Trust;
  readonly names: NameResolution;
  /** Milliseconds for one call from start to the last byte; 10 000 by default. */
  readonly deadlineMs?: number;
  /** Largest answer in bytes; 1 MiB by default. */
  readonly maxAnswerBytes?: number;
}

export interface HttpClient {
  /** `fetch` over this client's connections: https only, redirects are answers and never followed, bounded in time and size. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** For libraries that take an undici dispatcher. */
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

export function httpClient(options: HttpClientOptions): HttpClient {
  throw new Error(`${options.names}: not built yet`);
}
