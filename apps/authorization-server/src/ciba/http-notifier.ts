import type { ClientNotifier } from '@holdfast/fapi/as';
import type { ProcessContext } from '@holdfast/host';
import { loadTrust } from '@holdfast/mtls';
import type { PeerTrust } from '@holdfast/mtls';
import type { Config } from '../config.ts';
import { outboundCall } from '../outbound/outbound-call.ts';
import type { OutboundRules } from '../outbound/outbound-call.ts';

/** Milliseconds a client has to take a ping. Our choice, no clause; well below the time after which a ping is taken again. */
const DEADLINE_MS = 5_000;

/**
 * The notifier of the configuration.
 * @param web whose certificates the endpoints have, unless the configuration names others
 */
export function clientNotifications(
  { config, path }: Pick<ProcessContext<Config>, 'config' | 'path'>,
  web: PeerTrust,
): ClientNotifier {
  const { trust, hosts, inside } = config.notifications;
  const taken = trust === undefined ? web : loadTrust(path(trust));
  return httpNotifier({ trust: taken, names: config.names, inside, deadlineMs: DEADLINE_MS }, hosts);
}

/**
 * Pings clients over HTTPS. Where a client registered to be pinged is its own choice, so only permitted hosts are called, by
 * the rules of every call to an address that a client named: the rest of the network this server stands in would answer too.
 *
 * @param hosts names, without ports
 */
export function httpNotifier(rules: Omit<OutboundRules, 'hosts'>, hosts: readonly string[]): ClientNotifier {
  return {
    async notify(endpoint, token, authReqId) {
      const url = new URL(endpoint);
      if (url.protocol !== 'https:' || !hosts.includes(url.hostname) || url.username !== '' || url.password !== '')
        throw new Error(`${url.hostname} is no host that may be called`);
      const { status } = await outboundCall({ ...rules, hosts: [url.host] })(endpoint, post(token, authReqId));
      return status;
    },
  };
}

// CIBA-CORE-10.2: whatever else is in the answer, nobody reads it.
const post = (token: string, authReqId: string) => ({
  method: 'POST' as const,
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ auth_req_id: authReqId }),
  statusOnly: true,
});
