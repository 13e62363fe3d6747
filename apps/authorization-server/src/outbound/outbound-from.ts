import type { ProcessContext } from '@holdfast/host';
import { loadTrust } from '@holdfast/mtls';
import type { PeerTrust } from '@holdfast/mtls';
import type { Config } from '../config.ts';
import { outboundCall } from './outbound-call.ts';
import type { OutboundCall } from './outbound-call.ts';
import { OutboundRefused } from './outbound-refused.ts';

/**
 * The calls that the configuration permits; none when it does not speak of them.
 * @param web whose certificates the servers have, unless the configuration names others
 */
export function outboundFrom(ctx: Pick<ProcessContext<Config>, 'config' | 'path'>, web: PeerTrust): OutboundCall {
  const { outbound, names } = ctx.config;
  if (outbound === undefined) return () => Promise.reject(new OutboundRefused('host_not_permitted'));
  return outboundCall({
    hosts: outbound.hosts,
    trust: outbound.trust === undefined ? web : loadTrust(ctx.path(outbound.trust)),
    names,
  });
}
