import type { TLSSocket } from 'node:tls';
import { faultOfServer, parsePeerCertificate } from '@holdfast/mtls';
import type { CertificateReason, PeerCertificate, PeerTrust } from '@holdfast/mtls';
import type { buildConnector } from 'undici';

/** A server that may not be talked to, though its handshake was in order; `code` says why. */
export class ServerRefused extends Error {
  override readonly name = 'ServerRefused';
  readonly code: CertificateReason;

  constructor(hostname: string, code: CertificateReason) {
    super(`${hostname} may not be talked to: ${code}`);
    this.code = code;
  }
}

interface Connection {
  readonly hostname: string;
  readonly certificate: PeerCertificate;
  /** No new call goes over it; what is in flight finishes. */
  retired: boolean;
}

/**
 * The open connections to servers, and what is known of their certificates now: looked up when a connection opens, before every
 * call, and whenever a revocation list changes. A connection that is kept knows nothing of what came after its handshake.
 */
export class ServerConnections {
  readonly #servers: PeerTrust;
  readonly #now: () => Date;
  readonly #open = new Map<TLSSocket, Connection>();

  constructor(servers: PeerTrust, now: () => Date) {
    this.#servers = servers;
    this.#now = now;
  }

  /** `connect` with the look-up behind it. */
  judging(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        const refused = this.#admit(socket as TLSSocket, options.hostname);
        if (refused === undefined) {
          callback(null, socket);
          return;
        }
        socket.destroy();
        callback(refused, null);
      });
  }

  /** No new call goes over the connections of this moment: authorities or the own certificate have changed. */
  retire(): void {
    for (const connection of this.#open.values()) connection.retired = true;
  }

  /**
   * Whether new calls would go over a connection whose server has shown a certificate that has ended since. It has another one by
   * now, which only a new connection shows; nothing is wrong with the calls in flight.
   */
  hasEnded(): boolean {
    const now = this.#now();
    return [...this.#open.values()].some(({ retired, certificate }) => !retired && now > certificate.notAfter);
  }

  /** Ends every connection that a new call must not go over. */
  dropUnfit(): void {
    this.#drop(({ retired }) => !retired);
  }

  /** Ends every connection to a server that was revoked; calls in flight on it fail with that reason. */
  dropRevoked(): void {
    this.#drop((_connection, fault) => fault === 'certificate_revoked');
  }

  #drop(which: (connection: Connection, fault: CertificateReason) => boolean): void {
    const now = this.#now();
    for (const [socket, connection] of this.#open) {
      const fault = faultOfServer(connection.certificate, this.#servers, now);
      if (fault !== undefined && which(connection, fault))
        socket.destroy(new ServerRefused(connection.hostname, fault));
    }
  }

  #admit(socket: TLSSocket, hostname: string): ServerRefused | undefined {
    const presented = socket.getPeerX509Certificate();
    if (presented === undefined) return new ServerRefused(hostname, 'certificate_missing');
    const certificate = parsePeerCertificate(presented.raw);
    const fault = faultOfServer(certificate, this.#servers, this.#now());
    if (fault !== undefined) return new ServerRefused(hostname, fault);
    this.#open.set(socket, { hostname, certificate, retired: false });
    socket.once('close', () => this.#open.delete(socket));
    return undefined;
  }
}
