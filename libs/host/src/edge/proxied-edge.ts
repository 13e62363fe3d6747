import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Audit, Clock } from '@holdfast/fapi';
import type { CertificateReason, PeerCertificate, PeerTrust } from '@holdfast/mtls';
import {
  CertificateError,
  CertificateRefused,
  faultOfHandshake,
  judgeClientCertificate,
  withRevocation,
  withStanding,
} from '@holdfast/mtls';
import { certificateOn } from '../request/peer.ts';
import type { Presented } from '../request/peer.ts';

/** A proxy that ends TLS in front of a listener, as the listener knows it. */
export interface ProxiedEdge {
  /** `spiffe://holdfast.test/<proxy>`, the one name in the certificate of the proxy. */
  readonly proxy: string;
  /** The same kind of name of this process: it may ask itself for its health, and nothing else. */
  readonly self: string;
  /** Who vouches for both, live, and whom they have taken back. */
  readonly services: PeerTrust;
}

/** Why a peer of a proxied listener is cut off; for the audit, because the peer is told nothing. */
export type EdgeReason = CertificateReason | 'not_the_proxy' | 'not_for_health';

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
      this.#writeDown(refused.reason, certificateOn(socket));
      return false;
    }
  }

  #check(socket: Socket, forHealth: boolean): void {
    const { proxy, self, services } = this.#edge;
    const now = this.#clock.now();
    const peer = standing(certificateOn(socket), services, now);
    // Exactly one name: with two, this reader and the next might each believe another one.
    const name = peer?.uris.length === 1 ? peer.uris[0] : undefined;
    // Whoever cannot tell who is revoked has to be able to say so, to itself: it starts before its authority has spoken.
    const asksItself = forHealth && name === self && peer?.revocation === 'unknown';
    judge(asksItself ? withRevocation(peer, 'good') : peer, now);
    if (name === proxy) return;
    if (name !== self) throw new EdgeRefused('not_the_proxy');
    if (!forHealth) throw new EdgeRefused('not_for_health');
  }

  #writeDown(reason: EdgeReason, presented: Presented): void {
    const who = presented instanceof CertificateError ? undefined : presented;
    this.#audit({
      action: 'host.edge',
      outcome: 'refused',
      reason,
      ...(who === undefined ? {} : { presentedThumbprint: who.thumbprint, evidence: { names: who.uris.join(' ') } }),
    });
  }
}

/** Writes down who did not come through the handshake of a listener behind a proxy: nothing else is left of them. */
export function auditRefusedHandshakes(server: Server, audit: Audit): void {
  server.on('tlsClientError', (error: Error, { authorizationError }: TLSSocket) => {
    const fault = faultOfHandshake(error, authorizationError);
    if (fault === undefined) return;
    const { reason, handshake } = fault;
    audit({ action: 'host.edge', outcome: 'refused', reason, evidence: { handshake } });
  });
}

/** The handshake has verified the chain, or there is no connection; what has become of the certificate since is asked here. */
function standing(presented: Presented, services: PeerTrust, now: Date): PeerCertificate | undefined {
  if (presented instanceof CertificateError) throw new EdgeRefused(`certificate_${presented.code}`);
  return presented && withStanding(presented, services, now);
}

function judge(peer: PeerCertificate | undefined, now: Date): void {
  try {
    judgeClientCertificate(peer, now);
  } catch (refused) {
    if (refused instanceof CertificateRefused) throw new EdgeRefused(refused.reason);
    throw refused;
  }
}
