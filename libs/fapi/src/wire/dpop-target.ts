/**
 * Whether a proof's `htu` names this very URL. RFC9449-4.3-9: without query and fragment; scheme, host and default port in
 * their normal form. Compared whole: a prefix would let `/accounts` stand for `/accounts/7` or for another host.
 *
 * @param htu as the proof says it
 * @param own absolute URL of the request under a name of this server
 */
export function isSameTarget(htu: string, own: string): boolean {
  const target = normalTarget(htu);
  return target !== undefined && target === normalTarget(own);
}

/** RFC3986-6.2.2, RFC3986-6.2.3. Nothing but an `https` URL without a user in front of its host is the target of a proof. */
function normalTarget(url: string): string | undefined {
  if (!/^https:\/\/[\x21-\x7e]+$/i.test(url) || url.includes('\\') || !URL.canParse(url)) return undefined;
  const { origin, pathname, username, password } = new URL(url);
  if (username !== '' || password !== '') return undefined;
  return origin + pathname.replace(/%[0-9a-f]{2}/gi, normalEscape);
}

const UNRESERVED = /^[\w.~-]$/;

function normalEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return UNRESERVED.test(character) ? character : escape.toUpperCase();
}
