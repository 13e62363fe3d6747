/** Cookies per origin. Ports count here, although they do not for real browsers: our hosts differ by name anyway. */
export class CookieJar {
  readonly #cookies = new Map<string, Map<string, string>>();

  store(origin: string, setCookies: readonly string[]): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';');
      const name = pair.slice(0, pair.indexOf('=')).trim();
      if (attributes.some(endsNow)) jar.delete(name);
      else jar.set(name, pair.slice(pair.indexOf('=') + 1).trim());
    }
    this.#cookies.set(origin, jar);
  }

  /** What somebody has who copied the cookies at this moment. */
  copy(): CookieJar {
    const copy = new CookieJar();
    for (const [origin, jar] of this.#cookies) copy.#cookies.set(origin, new Map(jar));
    return copy;
  }

  /** The `Cookie` header for this origin, or `undefined` when there is nothing to send. */
  header(origin: string): string | undefined {
    const jar = this.#cookies.get(origin);
    if (jar === undefined || jar.size === 0) return undefined;
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

function endsNow(attribute: string): boolean {
  const [name = '', value = ''] = attribute.trim().split('=');
  if (name.toLowerCase() === 'max-age') return Number(value) <= 0;
  return name.toLowerCase() === 'expires' && new Date(value).getTime() <= 0;
}
