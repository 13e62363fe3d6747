import type { IdentitySource, PeerTrust } from '@holdfast/mtls';
import type { EdgeConfig } from '../config/schemas.ts';
import { StartUpError } from '../process/start-up-error.ts';
import type { ProxiedEdge } from './proxied-edge.ts';

/**
 * The one setting that decides who ends the TLS of clients with certificates: this process, or a proxy in front of it.
 * @param identity what the listener presents: to clients the certificate of its public name, to a proxy that of the service
 * @param services whose certificate the proxy has to have
 * @returns the edge to start the listener with; undefined where TLS ends here
 * @throws StartUpError when the listener would stand in front of the proxy with a certificate of the public name
 */
export function openEdge(
  config: EdgeConfig,
  { identity, services }: { readonly identity: IdentitySource; readonly services: PeerTrust },
): ProxiedEdge | undefined {
  if (config === 'native') return undefined;
  return { proxy: serviceUri(config.proxy), self: ownName(identity), services };
}

const serviceUri = (name: string): string => `spiffe://holdfast.test/${name}`;

function ownName(identity: IdentitySource): string {
  const [name, ...others] = identity.current().leaf.uris;
  if (name !== undefined && others.length === 0) return name;
  throw new StartUpError(
    'a listener behind a proxy has an identity that is no service',
    'Name the certificate and key of the service, such as pki/bank/service.crt; the public name is the proxy’s.',
  );
}
