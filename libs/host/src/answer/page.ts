import type { FastifyReply } from 'fastify';

export interface Page {
  /** 200 when absent. */
  readonly status?: number;
  readonly html: string;
  /** Replaces the listener's Content-Security-Policy, for instance with a `form-action` for the consent page. */
  readonly csp?: string;
}

/**
 * Sends an HTML page.
 *
 * Under `no-referrer` a browser names no origin even when a form goes back to this very site (`Origin: null`), and the
 * check of it would be worth nothing; so pages say `same-origin`, which tells other sites just as little.
 */
export function sendPage(reply: FastifyReply, page: Page): void {
  reply.header('referrer-policy', 'same-origin');
  if (page.csp !== undefined) reply.header('content-security-policy', page.csp);
  void reply
    .code(page.status ?? 200)
    .header('content-type', 'text/html; charset=utf-8')
    .send(page.html);
}

/**
 * 303 See Other: the browser goes there with GET and without the body it just posted.
 * RFC9700-4.12, FAPI2-SP-FINAL-5.3.2.2-10, FAPI2-SP-FINAL-5.3.2.2-11 [AUTH-15]: a 307 would repeat a posted password to
 * the next site.
 *
 * @param url complete URL, or an absolute path of this host
 */
export function seeOther(reply: FastifyReply, url: string): void {
  void reply.code(303).header('location', url).send();
}
