import type { PeerCertificate } from '@holdfast/mtls';
import type { FastifyRequest } from 'fastify';

/** The certificate on the live connection, or undefined. The only place that turns a socket into a certificate. */
export function peerOf(request: FastifyRequest): PeerCertificate | undefined {
  throw new Error(`${request.id}: not built yet`);
}
