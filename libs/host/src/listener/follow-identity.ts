import type { Server, ServerOptions } from 'node:https';
import type { IdentitySource } from '@holdfast/mtls';
import type { Logger } from '../log/log.ts';

/**
 * Serves every new connection with the identity in force. Connections that are open keep the certificate of their own
 * handshake.
 * @returns stops following
 */
export function followIdentity(server: Server, tls: ServerOptions, identity: IdentitySource, log: Logger): () => void {
  return identity.onChange(({ certificatePem, keyPem, leaf }) => {
    server.setSecureContext({ ...tls, cert: certificatePem, key: keyPem });
    log.info({ thumbprint: leaf.thumbprint, notAfter: leaf.notAfter }, 'serving with a new certificate');
  });
}
