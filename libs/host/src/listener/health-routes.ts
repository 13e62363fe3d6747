import type { FastifyInstance } from 'fastify';
import type { ProcessContext } from '../process/context.ts';
import { healthReport } from './health-report.ts';
import { metricsText } from './metrics-text.ts';

const UNLIMITED = { config: { rateLimit: false } };
/** The text format of Prometheus, the version its servers agree on. */
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * `/livez`: the process answers. `/readyz`: it may be given work. `/health`: what is wrong, and what runs out when. `/metrics`: the
 * same in numbers for monitoring. None needs a certificate or tells what a handshake would not.
 */
export function serveHealth(fastify: FastifyInstance, { health, clock }: ProcessContext<unknown>): void {
  fastify.get('/livez', UNLIMITED, async () => ({ status: 'alive' }));
  fastify.get('/readyz', UNLIMITED, async (_request, reply) => {
    const { ready, failing } = await health.readiness();
    if (ready) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', failing });
  });
  fastify.get('/health', UNLIMITED, async (_request, reply) => {
    const report = healthReport(await health.readiness(), health.vitals, clock.now());
    return reply.code(report.ready ? 200 : 503).send(report);
  });
  fastify.get('/metrics', UNLIMITED, async (_request, reply) => {
    const report = healthReport(await health.readiness(), health.vitals, clock.now());
    return reply.type(METRICS).send(metricsText(report));
  });
}
