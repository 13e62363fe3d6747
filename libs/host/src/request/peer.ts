import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ChainFault, PeerCertificate } from '@holdfast/mtls';
import { CertificateError, parsePeerCertificate } from '@holdfast/mtls';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';
import type { ForwardedPeers } from '../edge/forwarded-peer.ts';

/** A certificate, one that cannot be read, or none. */
export type Presented = PeerCertificate | CertificateError | undefined;

const seen = new WeakMap<Socket, Presented>();
const explained = new WeakSet<Socket>();

/**
 * The certificate of the client, or undefined when there is none. This is the only place that turns a request into a
 * certificate.
 *
 * Where TLS ends here it is that of the live connection, and headers that claim to carry one are never looked at:
 * RFC9440-4 [EDGE-01]. Parsed once per connection: what it says cannot change while the connection lives, what it is worth is
 * judged on every request by whoever asks. Behind a proxy it is what the proxy has passed on, which was read when the request
 * came in. Either way it is the same kind of value, and whoever judges it need not know which: RFC8705-2.1 [EDGE-05].
 *
 * What its authority says of it now is looked up for each request: the connection may be older than that.
 *
 * @throws OAuthError `invalid_client` when the peer sent something that cannot be read as a certificate
 */
export function peerOf(request: FastifyRequest): PeerCertificate | undefined {
  const { forwardedPeers, standingOf } = request.server;
  const peer = forwardedPeers === undefined ? presentedOn(request) : forwardedPeers.presentedIn(request);
  if (peer instanceof CertificateError)
    throw refuseHere(request, 'invalid_client', `certificate_${peer.code}`, { problem: peer.message });
  // A listener that does not look it up leaves its revocation unknown, and whoever judges refuses.
  return peer === undefined || standingOf === undefined ? peer : standingOf(peer);
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The certificate together with what its authority says of it now. */
    standingOf?: (peer: PeerCertificate) => PeerCertificate;
    /** Why the chain of this certificate was not accepted; asked for when OpenSSL has refused it. */
    explainChain?: (certificate: X509Certificate) => ChainFault | undefined;
    /** Behind a proxy: what it passes on. */
    forwardedPeers?: ForwardedPeers;
  }
}

function presentedOn(request: FastifyRequest): Presented {
  const peer = certificateOn(request.raw.socket);
  if (peer === undefined || peer instanceof CertificateError || peer.handshakeError === undefined) return peer;
  return explain(peer, request);
}

/** Why the chain was refused is worked out once for each connection, and only where somebody asks for the certificate. */
function explain(peer: PeerCertificate, { raw: { socket }, server }: FastifyRequest): PeerCertificate {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (explained.has(socket) || certificate === undefined || server.explainChain === undefined) return peer;
  explained.add(socket);
  const chainFault = server.explainChain(certificate);
  const told = Object.freeze({ ...peer, chainFault });
  seen.set(socket, told);
  return told;
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
