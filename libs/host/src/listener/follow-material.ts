import type { Server, ServerOptions } from 'node:https';
import { browserServerTls, internalServerTls, mtlsServerTls } from '@holdfast/mtls';
import type { IdentitySource, PeerTrust } from '@holdfast/mtls';
import type { Audit } from '@holdfast/fapi';
import type { ProxiedEdge } from '../edge/proxied-edge.ts';
import type { Logger } from '../log/log.ts';
import { certificateOn } from '../request/peer.ts';
import type { Connections } from './connections.ts';

/** What a listener is made of and follows while it runs. */
export interface Material {
  readonly identity: IdentitySource;
  /** Whose clients are asked for a certificate; nobody is asked when absent. */
  readonly clients?: PeerTrust | undefined;
  /** Who passes their certificates on; then nobody else is let in. */
  readonly edge?: ProxiedEdge | undefined;
}

/** The TLS options of this moment, complete: what is left out of them is not kept from before but forgotten. */
export function tlsOf({ identity, clients, edge }: Material): ServerOptions {
  if (edge !== undefined) return internalServerTls(identity, edge.services.trust.current());
  return clients === undefined ? browserServerTls(identity) : mtlsServerTls(identity, clients.trust.current());
}

/** Whose certificates are presented on the connections themselves. */
const peersOf = ({ clients, edge }: Material): PeerTrust | undefined => edge?.services ?? clients;

export interface Following {
  readonly server: Server;
  readonly material: Material;
  readonly connections: Connections;
  /** Milliseconds; see `Connections.renew`. */
  readonly lameDuck: number;
  readonly clock: { now(): Date };
  readonly log: Logger;
  readonly audit: Audit;
}

/**
 * Keeps a running listener at what is in force. A renewed certificate and new authorities count from the next handshake on.
 * When the authorities change, every connection has to come back and be judged by the new ones; a request in flight is answered.
 * Whoever was revoked loses its connections at once. Behind a proxy all of this is about the proxy: a client that was revoked there
 * is refused with each request, for its connection is not ours to cut.
 * @returns stops following
 */
export function followMaterial(following: Following): () => void {
  const { server, material, connections, lameDuck, log } = following;
  const { identity } = material;
  const peers = peersOf(material);
  const stops = [
    identity.onChange(({ leaf }) => {
      server.setSecureContext(tlsOf(material));
      log.info({ thumbprint: leaf.thumbprint, notAfter: leaf.notAfter }, 'serving with a new certificate');
    }),
    peers?.trust.onChange(({ certificates }) => {
      server.setSecureContext(tlsOf(material));
      connections.renew(lameDuck);
      log.info({ authorities: certificates.length }, 'trusting other authorities of peers');
    }),
    peers?.revocations.onChange(() => cutRevoked(following, peers)),
  ];
  return () => stops.forEach((stop) => stop?.());
}

// RFC8705-7.4 [RS-24]: what comes of a revoked certificate from now on is nobody's; a request in flight is not answered.
function cutRevoked({ connections, clock, audit }: Following, { revocations }: PeerTrust): void {
  const now = clock.now();
  connections.cut((socket) => {
    const peer = certificateOn(socket);
    if (peer === undefined || peer instanceof Error || revocations.statusOf(peer, now) !== 'revoked') return false;
    const reason = 'certificate_revoked';
    audit({ action: 'connection.keep', outcome: 'refused', reason, presentedThumbprint: peer.thumbprint });
    return true;
  });
}
