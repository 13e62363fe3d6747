import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PeerCertificate } from '@holdfast/mtls';
import { CertificateError, parsePeerCertificate } from '@holdfast/mtls';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';

/** A certificate, one that cannot be read, or none. */
type Presented = PeerCertificate | CertificateError | undefined;

const seen = new WeakMap<Socket, Presented>();

/**
 * The certificate on the live connection, or undefined when there is none. This is the only place that turns a socket
 * into a certificate; headers that claim to carry one are never looked at. Parsed once per connection: what it says
 * cannot change while the connection lives, what it is worth is judged on every request by whoever asks.
 *
 * What its authority says of it now is looked up for each request: the connection may be older than that.
 *
 * @throws OAuthError `invalid_client` when the peer sent something that cannot be read as a certificate
 */
export function peerOf(request: FastifyRequest): PeerCertificate | undefined {
  const peer = certificateOn(request.raw.socket);
  if (peer instanceof CertificateError)
    throw refuseHere(request, 'invalid_client', 'certificate_unreadable', { problem: peer.message });
  const { standingOf } = request.server;
  // A listener that does not look it up leaves its revocation unknown, and whoever judges refuses.
  return peer === undefined || standingOf === undefined ? peer : standingOf(peer);
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The certificate together with what its authority says of it now. */
    standingOf?: (peer: PeerCertificate) => PeerCertificate;
  }
}

/** What was presented on a connection, with the verdict of its handshake, whatever has become of it since. */
export function certificateOn(socket: Socket): Presented {
  if (!seen.has(socket)) seen.set(socket, readPeer(socket));
  return seen.get(socket);
}

function readPeer(socket: Socket): Presented {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  try {
    return parsePeerCertificate(certificate.raw, handshakeVerdict(socket));
  } catch (error) {
    if (error instanceof CertificateError) return error;
    throw error;
  }
}

/** OpenSSL's word on the chain; a missing word is a bad one. */
function handshakeVerdict(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  // Node's types promise an Error; it is OpenSSL's code as text, and null where nobody looked.
  const verdict: unknown = socket.authorizationError;
  return typeof verdict === 'string' ? verdict : 'UNVERIFIED';
}
