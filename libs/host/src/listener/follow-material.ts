import type { Server, ServerOptions } from 'node:https';
import { browserServerTls, mtlsServerTls } from '@holdfast/mtls';
import type { IdentitySource, PeerTrust } from '@holdfast/mtls';
import type { Audit } from '@holdfast/fapi';
import type { Logger } from '../log/log.ts';
import { certificateOn } from '../request/peer.ts';
import type { Connections } from './connections.ts';

/** What a listener is made of and follows while it runs. */
export interface Material {
  readonly identity: IdentitySource;
  /** Whose clients are asked for a certificate; nobody is asked when absent. */
  readonly clients?: PeerTrust | undefined;
}

/** The TLS options of this moment, complete: what is left out of them is not kept from before but forgotten. */
export const tlsOf = ({ identity, clients }: Material): ServerOptions =>
  clients === undefined ? browserServerTls(identity) : mtlsServerTls(identity, clients.trust.current());

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
 * Whoever was revoked loses its connections at once.
 * @returns stops following
 */
export function followMaterial(following: Following): () => void {
  const { server, material, connections, lameDuck, log } = following;
  const { identity, clients } = material;
  const stops = [
    identity.onChange(({ leaf }) => {
      server.setSecureContext(tlsOf(material));
      log.info({ thumbprint: leaf.thumbprint, notAfter: leaf.notAfter }, 'serving with a new certificate');
    }),
    clients?.trust.onChange(({ certificates }) => {
      server.setSecureContext(tlsOf(material));
      connections.renew(lameDuck);
      log.info({ authorities: certificates.length }, 'trusting other authorities of clients');
    }),
    clients?.revocations.onChange(() => cutRevoked(following, clients)),
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
