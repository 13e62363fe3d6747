import type { FastifyRequest } from 'fastify';

/** All Authorization headers as sent, in order. */
export function authorizationOf(request: FastifyRequest): readonly string[] {
  throw new Error(`${request.id}: not built yet`);
}

/** `x-fapi-interaction-id` of this exchange: the caller's UUID, or one made here. Echoed on the answer. */
export function interactionOf(request: FastifyRequest): string {
  throw new Error(`${request.id}: not built yet`);
}
