import { isIP } from 'node:net';
import { OutboundRefused } from './outbound-refused.ts';

/**
 * Whether text names a host that may be called, as the configuration writes it: a name, or a name with the one port that is
 * meant instead of 443. An address is no name; which machine is called must not be hidden in a number.
 */
export function isHostEntry(entry: string): boolean {
  if (!/^[a-z0-9.-]+(:\d+)?$/.test(entry) || !URL.canParse(`https://${entry}`)) return false;
  const { host, hostname } = new URL(`https://${entry}`);
  return host === entry && isIP(hostname) === 0 && !hostname.endsWith('.');
}

/**
 * A URL that a client wrote, and that this server is about to call: https, to a permitted host and port, exactly as
 * listed. There are no wildcards: a stranger can often have a name below a shared suffix.
 *
 * @param hosts as {@link isHostEntry} wants them
 * @throws OutboundRefused
 */
export function permittedUrl(text: string, hosts: readonly string[]): URL {
  if (!URL.canParse(text)) throw new OutboundRefused('url_unreadable');
  const url = new URL(text);
  if (url.protocol !== 'https:') throw new OutboundRefused('scheme_not_https');
  if (url.username !== '' || url.password !== '' || url.hash !== '') throw new OutboundRefused('url_ambiguous');
  // The parser has turned 0x7f000001, 127.1 and full-width digits into one form by now; none of them is on the list.
  if (!hosts.includes(url.host)) throw new OutboundRefused('host_not_permitted');
  return url;
}

/** Whether this server would call an address at all. */
export function isPermitted(uri: string, hosts: readonly string[]): boolean {
  try {
    permittedUrl(uri, hosts);
    return true;
  } catch (error) {
    if (error instanceof OutboundRefused) return false;
    throw error;
  }
}
