import type { Caller } from '../wire/caller.ts';
import type { Door } from '../wire/tls-sight.ts';
import type { VerdictWorld } from './verdict-world.ts';

/** A listener of the platform, with somebody who may knock at it. */
export interface KnownDoor extends Door {
  readonly kind: 'browsers' | 'mutual' | 'internal';
  /** Whoever is expected there, with as much as it takes to complete a handshake. */
  readonly caller: Caller;
}

/** Every listener of the platform. */
export function doorsOf({ real }: VerdictWorld): readonly KnownDoor[] {
  const { discovery, held } = real;
  const anybody = real.caller('anybody');
  const service = real.internalCaller('a service', held.service);
  const at = (name: string, kind: KnownDoor['kind'], url: string): KnownDoor => {
    const { hostname, port } = new URL(url);
    return { name, kind, host: hostname, port: Number(port === '' ? 443 : port), caller: anybody };
  };
  const internal = (name: string, { address, serverName }: { address: string; serverName: string }): KnownDoor => {
    const [host = '', port] = address.split(':');
    return { name, kind: 'internal', host: serverName, port: Number(port), address: host, caller: service };
  };
  return [
    at('authorization server, browsers', 'browsers', discovery.issuer),
    at('authorization server, mutual TLS', 'mutual', discovery.mtls.token),
    at('bank', 'mutual', real.bankUrl),
    at('fintech', 'browsers', real.fintechUrl),
    internal('authorization server, internal', real.rpc.tokenStatus),
    internal('bank, internal', real.rpc.accountDirectory),
  ];
}
