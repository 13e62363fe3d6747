import type { WeakRequest } from '../weak-server.ts';
import { AnyCertificateAuthorizationServer } from './any-certificate-authorization-server.ts';

/**
 * Does look at the certificate: it chains to somebody this server trusts, and it names the client. But it trusts several
 * authorities, for several purposes, and any of them may vouch for any name.
 */
export class NameComparingAuthorizationServer extends AnyCertificateAuthorizationServer {
  protected override identify({ socket, parameters }: WeakRequest): string | undefined {
    if (!socket.authorized) return undefined;
    const claimed = parameters.get('client_id') ?? undefined;
    // Lost here: which authority said so. The name alone is nobody's property.
    return socket.getPeerCertificate().subject.CN === claimed ? claimed : undefined;
  }
}
