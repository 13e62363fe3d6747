import type { PlatformUrls } from '@holdfast/tools/platform';

/** One listener of the platform, and what a peer sees of it in a handshake. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: string;
  /** Whether it asks for a client certificate. */
  readonly asks: boolean;
  readonly root: 'web' | 'services';
  /** HTTP over TLS; gRPC speaks HTTP/2 only. */
  readonly http: boolean;
}

/** Every listener of the platform. */
export function listenersOf(urls: PlatformUrls): readonly Listener[] {
  return [
    web('authorization server, browsers', urls.issuer, false),
    web('authorization server, mutual TLS', urls.mtlsIssuer, true),
    web('bank', urls.bank, true),
    web('Tidepool', urls.fintech, false),
    web('lab', urls.lab, false),
    web('certificate authority', urls.certificateAuthority, true),
    internal('certificate authority, gRPC', urls.certificateAuthorityRpc),
    internal('authorization server, gRPC', urls.authorizationServerRpc),
    internal('bank, gRPC', urls.bankRpc),
  ];
}

function web(name: string, url: string, asks: boolean): Listener {
  const { hostname: host, port } = new URL(url);
  return { name, host, port, asks, root: 'web', http: true };
}

function internal(name: string, target: string): Listener {
  const { hostname: host, port } = new URL(`https://${target}`);
  return { name, host, port, asks: true, root: 'services', http: false };
}
