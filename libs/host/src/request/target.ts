import type { FastifyRequest } from 'fastify';

/** Path and query of the request line as sent; nothing decoded. The query is undefined when there is no question mark. */
export function targetOf(request: Pick<FastifyRequest, 'raw'>): { path: string; query: string | undefined } {
  const target = request.raw.url ?? '/';
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: undefined } : { path: target.slice(0, at), query: target.slice(at + 1) };
}
