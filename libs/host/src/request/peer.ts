import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ChainFault, PeerCertificate, RevocationStatus } from '@holdfast/mtls';
import { CertificateError, parsePeerCertificate, withRevocation } from '@holdfast/mtls';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';

const seen = new WeakMap<Socket, PeerCertificate | undefined>();

/**
 * The certificate on the live connection, or undefined when there is none. This is the only place that turns a socket
 * into a certificate; headers that claim to carry one are never looked at. Parsed once per connection: what it says
 * cannot change while the connection lives, what it is worth is judged on every request by whoever asks.
 *
 * Whether its authority has taken it back is looked up for each request: the connection may be older than that.
 *
 * @throws OAuthError `invalid_client` when the peer sent something that cannot be read as a certificate
 */
export function peerOf(request: FastifyRequest): PeerCertificate | undefined {
  const { socket } = request.raw;
  if (!seen.has(socket)) seen.set(socket, readPeer(request, socket));
  const peer = seen.get(socket);
  const looksUp = request.server.lookUpRevocation;
  // A listener that does not look it up leaves it unknown, and whoever judges refuses.
  return peer === undefined || looksUp === undefined ? peer : withRevocation(peer, looksUp(peer));
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether an authority has taken this certificate back, as of now. */
    lookUpRevocation?: (peer: PeerCertificate) => RevocationStatus;
    /** Why the chain of this certificate was not accepted; asked for when OpenSSL has refused it. */
    explainChain?: (certificate: X509Certificate) => ChainFault | undefined;
  }
}

function readPeer(request: FastifyRequest, socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  try {
    const verdict = handshakeVerdict(socket);
    const fault = verdict === undefined ? undefined : request.server.explainChain?.(certificate);
    return parsePeerCertificate(certificate.raw, verdict, fault);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw refuseHere(request, 'invalid_client', `certificate_${error.code}`, { problem: error.message });
  }
}

/** OpenSSL's word on the chain; a missing word is a bad one. */
function handshakeVerdict(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  // Node's types promise an Error; it is OpenSSL's code as text, and null where nobody looked.
  const verdict: unknown = socket.authorizationError;
  return typeof verdict === 'string' ? verdict : 'UNVERIFIED';
}
