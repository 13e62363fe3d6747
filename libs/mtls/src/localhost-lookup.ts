import type { LookupFunction } from 'node:net';

/** `loopback`: `*.localhost` is 127.0.0.1 without any DNS query, other names go to the system. `dns`: the system resolves all. */
export type NameResolution = 'loopback' | 'dns';

export function localhostLookup(_names: NameResolution): LookupFunction | undefined {
  throw new Error('not built yet');
}
