import type { ServerOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions, SecureContextOptions, TlsOptions } from 'node:tls';
import type { IdentitySource } from './identity.ts';
import type { NameResolution } from './localhost-lookup.ts';
import type { Trust } from './trust.ts';

export function browserServerTls(_identity: IdentitySource): ServerOptions {
  throw new Error('not built yet');
}
export function mtlsServerTls(_identity: IdentitySource, _clientTrust: Trust): ServerOptions {
  throw new Error('not built yet');
}
export function internalServerTls(_identity: IdentitySource, _peers: Trust): SecureContextOptions & TlsOptions {
  throw new Error('not built yet');
}
export function clientTls(_options: {
  identity?: IdentitySource;
  serverTrust: Trust;
  names: NameResolution;
}): ConnectionOptions & { lookup?: LookupFunction } {
  throw new Error('not built yet');
}
