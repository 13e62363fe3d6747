/** Every bound of a listener, in one place; that of the handshake comes with the TLS options. All are our choice, no clause. */
export const LIMITS = {
  /** Milliseconds until a request's headers must be complete: a slow sender holds a connection, not the server. */
  headersTimeout: 10_000,
  /** Milliseconds until the whole request must be in. */
  requestTimeout: 20_000,
  /** Milliseconds a connection may rest between two requests. */
  keepAliveTimeout: 30_000,
  /** How often, in milliseconds, the two request timeouts are looked at. */
  checkInterval: 1_000,
  /** Bytes of a body. The largest honest one is a pushed request with authorization details, well under 10 KiB. */
  bodyLimit: 64 * 1024,
  /** Bytes of all headers and the request line together. */
  headerBytes: 16 * 1024,
  /** Bytes that a proxy may add to them: a certificate that is too large, of 64 KB even, is read to say so. */
  forwardedBytes: 112 * 1024,
  /** Characters of one path parameter. */
  pathParameter: 200,
  /** Milliseconds in which a draining listener still accepts connections, each answer closing its own. */
  lameDuck: 500,
  /** Milliseconds after which connections that carry no request are closed. */
  drainIdle: 1_000,
  /** Milliseconds after which a drain ends, whatever is still running. */
  drain: 8_000,
} as const;

export type Limits = { readonly [K in keyof typeof LIMITS]: number };
