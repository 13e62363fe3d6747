import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isIPv6 } from 'node:net';
import type { NameResolution } from '@holdfast/mtls';
import { OutboundRefused } from './outbound-refused.ts';
import { isPrivateAddress, isPublicAddress } from './public-address.ts';

/** Asks for the addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/**
 * The resolution of names for outgoing calls.
 *
 * @param names `loopback` keeps `*.localhost` on this machine, for a platform on a developer's desk; every other name, and
 *   with `dns` every name, must lead to the public Internet
 * @param inside names that may lead into a private network as well: the operator's own, where his own resolver answers
 * @param ask the resolver; the system's when absent
 */
export function resolvePublic(
  names: NameResolution,
  inside: readonly string[] = [],
  ask: Resolve = askSystem,
): Resolve {
  return async (hostname) => {
    if (names === 'loopback' && /\.localhost$/.test(hostname)) return ['127.0.0.1'];
    const addresses = await asked(ask, hostname);
    if (addresses.length === 0) throw new OutboundRefused('name_not_resolved');
    // One address of many is enough: whoever answers for the name could have us take that one.
    const mayBePrivate = inside.includes(hostname);
    const refused = addresses.find(
      (address) => !isPublicAddress(address) && !(mayBePrivate && isPrivateAddress(address)),
    );
    if (refused !== undefined) throw new OutboundRefused('address_not_public', refused);
    return addresses;
  };
}

/**
 * The `lookup` of a connection to addresses that have been judged. The name is not asked for a second time, so the answer
 * cannot change between the check and the connection.
 */
export function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_hostname, options, callback) => {
    const [first] = found;
    process.nextTick(() => {
      if (first === undefined) callback(new Error('no address was judged'), '', 0);
      else if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

const askSystem: Resolve = async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address);

async function asked(ask: Resolve, hostname: string): Promise<readonly string[]> {
  try {
    return await ask(hostname);
  } catch (cause) {
    throw new OutboundRefused('name_not_resolved', undefined, { cause });
  }
}
