import type { FastifyReply } from 'fastify';

export interface Page {
  readonly status?: number;
  readonly html: string;
  /** Replaces the listener's Content-Security-Policy, for instance with a `form-action` for the consent page. */
  readonly csp?: string;
}

/** Sends an HTML page. */
export function sendPage(reply: FastifyReply, page: Page): void {
  throw new Error(`${reply.statusCode} ${page.html}: not built yet`);
}

/** 303 See Other: the browser goes there with GET and without the body it just posted. */
export function seeOther(reply: FastifyReply, url: string): void {
  throw new Error(`${reply.statusCode} ${url}: not built yet`);
}
