import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';

/** What is needed of a client certificate. */
interface Certificate {
  readonly name: string | undefined;
  readonly thumbprint: string;
}

const seen = new WeakMap<TLSSocket, Certificate>();

/** The thumbprint of the client certificate, after its subject was compared. Read once per connection. */
export function authenticate(request: FastifyRequest, expected: string): string {
  const socket = request.raw.socket as TLSSocket;
  let certificate = seen.get(socket);
  if (certificate === undefined) {
    const x509 = socket.authorized ? socket.getPeerX509Certificate() : undefined;
    if (x509 === undefined) throw new Error('no client certificate');
    const thumbprint = createHash('sha256').update(x509.raw).digest('base64url');
    certificate = { name: x509.subjectAltName, thumbprint };
    seen.set(socket, certificate);
  }
  if (certificate.name !== `DNS:${expected}`) throw new Error('another client');
  return certificate.thumbprint;
}
