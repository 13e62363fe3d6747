import type { FastifyInstance } from 'fastify';
import type { Health } from '../process/health.ts';

const UNLIMITED = { config: { rateLimit: false } };

/** `/livez`: the process answers. `/readyz`: it may be given work. Neither needs a certificate nor tells more than names. */
export function serveHealth(fastify: FastifyInstance, health: Health): void {
  fastify.get('/livez', UNLIMITED, async () => ({ status: 'alive' }));
  fastify.get('/readyz', UNLIMITED, async (_request, reply) => {
    const { ready, failing } = await health.readiness();
    if (ready) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', failing });
  });
}
