import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Audit, Clock } from '@holdfast/fapi';
import type { CertificateReason, PeerCertificate, Revocations, Trust } from '@holdfast/mtls';
import { CertificateError, CertificateRefused, judgeClientCertificate, parsePeerCertificate } from '@holdfast/mtls';

/** A proxy that ends TLS in front of a listener, as the listener knows it. */
export interface ProxiedEdge {
  /** `spiffe://holdfast.test/<proxy>`, the one name in the certificate of the proxy. */
  readonly proxy: string;
  /** The same kind of name of this process: it may ask itself for its health, and nothing else. */
  readonly self: string;
  /** Whether the services' authority has taken the certificate of either back. */
  readonly revocations: Revocations;
  /** Authorities of the clients behind the proxy: what it passes on is judged by them, here again. */
  readonly clientTrust: { current(): Trust };
}

/** Why a peer of a proxied listener is cut off; for the audit, because the peer is told nothing. */
export type EdgeReason =
  CertificateReason | 'certificate_revoked' | 'certificate_status_unknown' | 'not_the_proxy' | 'not_for_health';

export class EdgeRefused extends Error {
  override readonly name = 'EdgeRefused';
  readonly reason: EdgeReason;

  constructor(reason: EdgeReason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Who stands directly at the door. The header in which the proxy passes a client's certificate on is worth what the hop before it is
 * worth: from anybody else it would be a claim that everybody can copy, for certificates are public. RFC9440-4 [EDGE-02].
 */
export class EdgePeers {
  readonly #edge: ProxiedEdge;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #read = new WeakMap<Socket, PeerCertificate>();

  constructor(edge: ProxiedEdge, { clock, audit }: { readonly clock: Clock; readonly audit: Audit }) {
    this.#edge = edge;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Ends the connections of strangers before they have sent a byte, so that they see no answer of any kind. */
  guard(server: Server): void {
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      if (!this.admits(socket, true)) socket.destroy();
    });
  }

  /**
   * Whether this connection may be served now. Asked again with every request, because the certificate of a connection that stays
   * open may have ended since, or have been taken back.
   * @param forHealth whether the process asks itself how it is
   */
  admits(socket: Socket, forHealth: boolean): boolean {
    try {
      this.#check(socket, forHealth);
      return true;
    } catch (refused) {
      if (!(refused instanceof EdgeRefused)) throw refused;
      this.#writeDown(refused.reason, this.#read.get(socket));
      return false;
    }
  }

  #check(socket: Socket, forHealth: boolean): void {
    const { proxy, self, revocations } = this.#edge;
    const now = this.#clock.now();
    const peer = judged(this.#peerOf(socket), now);
    const status = revocations.statusOf(peer, now);
    if (status !== 'good')
      throw new EdgeRefused(status === 'revoked' ? 'certificate_revoked' : 'certificate_status_unknown');
    // Exactly one name: with two, this reader and the next might each believe another one.
    const [name, ...others] = peer.uris;
    if (others.length === 0 && name === proxy) return;
    if (others.length > 0 || name !== self) throw new EdgeRefused('not_the_proxy');
    if (!forHealth) throw new EdgeRefused('not_for_health');
  }

  /** Read once per connection; the handshake has verified it against the services' authorities, or there is no connection. */
  #peerOf(socket: Socket): PeerCertificate | undefined {
    const known = this.#read.get(socket);
    if (known !== undefined) return known;
    if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
    const certificate = socket.getPeerX509Certificate();
    const peer = certificate && readable(certificate.raw);
    if (peer !== undefined) this.#read.set(socket, peer);
    return peer;
  }

  #writeDown(reason: EdgeReason, peer: PeerCertificate | undefined): void {
    this.#audit({
      action: 'host.edge',
      outcome: 'refused',
      reason,
      ...(peer === undefined ? {} : { presentedThumbprint: peer.thumbprint, evidence: { names: peer.uris.join(' ') } }),
    });
  }
}

function judged(peer: PeerCertificate | undefined, now: Date): PeerCertificate {
  try {
    return judgeClientCertificate(peer, now);
  } catch (refused) {
    if (refused instanceof CertificateRefused) throw new EdgeRefused(refused.reason);
    throw refused;
  }
}

function readable(der: Buffer): PeerCertificate {
  try {
    return parsePeerCertificate(der);
  } catch (error) {
    if (error instanceof CertificateError) throw new EdgeRefused('certificate_unreadable');
    throw error;
  }
}
