import type { FastifyRequest } from 'fastify';

/** The JSON body; duplicate member names, broken UTF-8 and other content types are refused. */
export function jsonOf(request: FastifyRequest): unknown {
  throw new Error(`${request.id}: not built yet`);
}
