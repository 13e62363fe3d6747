/** Cookies of one person's browser, kept by host and path. As RFC 6265 has it. */
export class CookieJar {
  readonly #cookies = new Map<string, { host: string; path: string; name: string; value: string }>();

  /** Keeps what an answer sets; cookies stay with the host that set them. */
  keep(url: URL, setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (name === '') continue;
      const path = attributeOf(attributes, 'path')?.replace(/^(?!\/).*/, '') || defaultPath(url);
      const cookie = { host: url.hostname, path, name, value };
      const key = `${cookie.host} ${path} ${name}`;
      if (isOver(attributes)) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }

  /** The value of the Cookie header for an address; undefined when there is nothing to send. */
  header(url: URL): string | undefined {
    const own = [...this.#cookies.values()].filter(({ host, path }) => host === url.hostname && covers(path, url));
    return own.length === 0 ? undefined : own.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

function attributeOf(attributes: readonly string[], name: string): string | undefined {
  const found = attributes.find((each) => each.toLowerCase().startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function isOver(attributes: readonly string[]): boolean {
  const maxAge = attributeOf(attributes, 'max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = attributeOf(attributes, 'expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

const defaultPath = ({ pathname }: URL): string => pathname.slice(0, pathname.lastIndexOf('/')) || '/';

const covers = (path: string, { pathname }: URL): boolean =>
  pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
