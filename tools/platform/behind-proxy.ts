import { apps } from './apps.ts';
import type { Configure } from './configuration.ts';

type Section = Readonly<Record<string, unknown>>;

/** The proxy of `infra/proxy`, as the applications know it. */
const EDGE = { proxy: 'edge-proxy' };

/**
 * What is different in the configurations when a proxy ends the TLS of clients with certificates, and nothing else is: the listener
 * presents the certificate of its service on a port of its own and lets nobody in but the proxy, which holds the public name.
 */
export const behindProxy: Configure = (app, configuration) => {
  switch (app) {
    case 'authorization-server':
      return { ...configuration, mtls: moved(app, configuration['mtls'] as Section) };
    case 'bank':
      return {
        ...configuration,
        api: moved(app, configuration['api'] as Section),
        // Its only HTTPS listener answers, besides the proxy, nobody but its own service.
        health: {
          ...(configuration['health'] as Section),
          url: `https://rpc.bank.localhost:${apps.bank.portBehindProxy}`,
          trust: 'pki/trust/services.pem',
          identity: serviceOf(app),
        },
      };
    default:
      return { ...configuration };
  }
};

function moved(app: 'authorization-server' | 'bank', door: Section): Section {
  const listener = { ...(door['listener'] as Section), port: apps[app].portBehindProxy };
  return { ...door, listener, identity: serviceOf(app), edge: EDGE };
}

const serviceOf = (app: string) => ({ certificate: `pki/${app}/service.crt`, key: `pki/${app}/service.key` });
