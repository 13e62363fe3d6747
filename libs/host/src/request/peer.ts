import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PeerCertificate, RevocationStatus } from '@holdfast/mtls';
import { CertificateError, parsePeerCertificate, withRevocation } from '@holdfast/mtls';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';
import type { ForwardedPeers } from '../edge/forwarded-peer.ts';

const seen = new WeakMap<Socket, PeerCertificate | undefined>();

/**
 * The certificate of the client, or undefined when there is none. This is the only place that turns a request into a
 * certificate.
 *
 * Where TLS ends here it is that of the live connection, and headers that claim to carry one are never looked at:
 * RFC9440-4 [EDGE-01]. Parsed once per connection: what it says cannot change while the connection lives, what it is worth is
 * judged on every request by whoever asks. Behind a proxy it is what the proxy has passed on, which was read when the request
 * came in. Either way it is the same kind of value, and whoever judges it need not know which: RFC8705-2.1 [EDGE-05].
 *
 * Whether its authority has taken it back is looked up for each request: the connection may be older than that.
 *
 * @throws OAuthError `invalid_client` when the peer sent something that cannot be read as a certificate
 */
export function peerOf(request: FastifyRequest): PeerCertificate | undefined {
  const { forwardedPeers } = request.server;
  const peer = forwardedPeers === undefined ? peerOnConnection(request) : forwardedPeers.peerOf(request);
  const looksUp = request.server.lookUpRevocation;
  // A listener that does not look it up leaves it unknown, and whoever judges refuses.
  return peer === undefined || looksUp === undefined ? peer : withRevocation(peer, looksUp(peer));
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether an authority has taken this certificate back, as of now. */
    lookUpRevocation?: (peer: PeerCertificate) => RevocationStatus;
    /** Behind a proxy: what it passes on. */
    forwardedPeers?: ForwardedPeers;
  }
}

function peerOnConnection(request: FastifyRequest): PeerCertificate | undefined {
  const { socket } = request.raw;
  if (!seen.has(socket)) seen.set(socket, readPeer(request, socket));
  return seen.get(socket);
}

function readPeer(request: FastifyRequest, socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  try {
    return parsePeerCertificate(certificate.raw, handshakeVerdict(socket));
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw refuseHere(request, 'invalid_client', 'certificate_unreadable', { problem: error.message });
  }
}

/** OpenSSL's word on the chain; a missing word is a bad one. */
function handshakeVerdict(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  // Node's types promise an Error; it is OpenSSL's code as text, and null where nobody looked.
  const verdict: unknown = socket.authorizationError;
  return typeof verdict === 'string' ? verdict : 'UNVERIFIED';
}
