import type { ServerOptions } from 'node:https';
import type { IdentitySource, Trust } from '@holdfast/mtls';
import { internalServerTls, loadRevocations, loadTrust, mtlsServerTls } from '@holdfast/mtls';
import type { EdgeConfig } from '../config/schemas.ts';
import type { ProcessContext } from '../process/context.ts';
import { StartUpError } from '../process/start-up-error.ts';
import type { ProxiedEdge } from './proxied-edge.ts';

/** Where the TLS of clients with certificates ends, as a listener is started with it. */
export interface Edge {
  /** Belongs into the options of the listener; without `edge` TLS ends in this process. */
  readonly listener: { readonly tls: ServerOptions; readonly edge?: ProxiedEdge };
  /** Stops following the files. */
  close(): void;
}

/**
 * The one setting that decides who ends TLS: this process, or a proxy in front of it.
 * @param identity what the listener presents: to clients the certificate of its public name, to a proxy that of the service
 * @param clientTrust authorities of the clients' certificates
 * @throws StartUpError when the listener would stand in front of the proxy with a certificate of the public name
 */
export function openEdge(
  config: EdgeConfig,
  { ctx, identity, clientTrust }: { ctx: ProcessContext<unknown>; identity: IdentitySource; clientTrust: Trust },
): Edge {
  if (config === 'native') return { listener: { tls: mtlsServerTls(identity, clientTrust) }, close: () => undefined };
  const self = ownName(identity);
  const services = loadTrust(ctx.path(config.trust));
  const revocations = loadRevocations(ctx.path(config.revocations), services);
  const edge = { proxy: serviceUri(config.proxy), self, revocations, clientTrust: { current: () => clientTrust } };
  return {
    listener: { tls: internalServerTls(identity, services), edge },
    close: () => revocations.close(),
  };
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
