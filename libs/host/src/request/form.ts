import type { FormPairs } from '@holdfast/fapi';
import type { FastifyRequest } from 'fastify';

/** The urlencoded body as it came in; anything else is refused. */
export function formOf(request: FastifyRequest): FormPairs {
  throw new Error(`${request.id}: not built yet`);
}

/** The query as it came in. */
export function queryOf(request: FastifyRequest): FormPairs {
  throw new Error(`${request.id}: not built yet`);
}
