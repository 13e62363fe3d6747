import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** `loopback`: `*.localhost` is 127.0.0.1 without any DNS query, other names go to the system. `dns`: the system resolves all. */
export type NameResolution = 'loopback' | 'dns';

/**
 * The `lookup` for outgoing connections, or undefined for the system's own. Browsers and curl know that `*.localhost` is
 * loopback (RFC6761-6.3), Node asks a name server, which may be anybody's and may answer anything.
 */
export function localhostLookup(names: NameResolution): LookupFunction | undefined {
  return names === 'loopback' ? loopbackFirst : undefined;
}

const loopbackFirst: LookupFunction = (hostname, options, callback) => {
  if (!isLocalhost(hostname)) {
    lookup(hostname, options, callback);
    return;
  }
  // Always asynchronous, like the lookup it stands in for.
  process.nextTick(() => {
    if (options.family === 6 || options.family === 'IPv6') {
      callback(Object.assign(new Error(`${hostname} has no IPv6 address here`), { code: 'ENOTFOUND' }), '', 0);
    } else if (options.all) {
      // net.connect asks for all addresses when it may try several.
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    } else {
      callback(null, '127.0.0.1', 4);
    }
  });
};

function isLocalhost(hostname: string): boolean {
  return /(^|\.)localhost\.?$/i.test(hostname);
}
