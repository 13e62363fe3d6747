import type { FastifyReply } from 'fastify';

/** For answers that are data: nothing in them may be loaded, framed or sent anywhere. */
export const DATA_ONLY_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Headers of every answer. Set before the handler runs, so that a handler can override one for its own answer: a public
 * key set its cache time, the consent page its `form-action`.
 *
 * RFC6749-5.1 [TOK-28]: nobody keeps an answer, unless its handler says so. FAPI1-BASE-6.2.1-10 [RS-32]: `Date` is set by
 * Node.
 *
 * Strict-Transport-Security is left out: on `localhost` it would bind every port of the machine, and there is no plain
 * HTTP port here to be protected from.
 */
export function setSecurityHeaders(reply: FastifyReply, csp: string = DATA_ONLY_CSP): void {
  reply.headers({
    'cache-control': 'no-store',
    'content-security-policy': csp,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // A page address can hold a code or a request_uri; no other site needs to know it.
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
}
