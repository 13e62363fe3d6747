import { httpClient } from '@holdfast/host';
import type { HttpClient } from '@holdfast/host';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';

export interface Seen {
  readonly status: number;
  readonly html: string;
  readonly location: string | undefined;
  readonly setCookies: readonly string[];
  header(name: string): string | undefined;
}

/** As much of a browser as a test needs: cookies, forms, and no idea of what the answers mean. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #http: HttpClient;
  readonly #origin: string;
  #last = '';

  constructor(pki: ThrowAwayPki, origin: string) {
    this.#http = httpClient({ serverTrust: pki.web.trust, names: 'loopback' });
    this.#origin = origin;
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Seen> {
    return this.#send('GET', path, headers);
  }

  /** Posts a form as a page of ours would: with the token of the page seen last, and the origin. */
  post(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Seen> {
    const csrf = /name="csrf" value="([^"]+)"/.exec(this.#last)?.[1];
    const form = new URLSearchParams({ ...(csrf === undefined ? {} : { csrf }), ...fields });
    const type = { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin };
    return this.#send('POST', path, { ...type, ...headers }, form.toString());
  }

  async #send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Seen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#http.fetch(`${this.#origin}${path}`, {
      method,
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const html = await response.text();
    const setCookies = response.headers.getSetCookie();
    for (const [name = '', value = ''] of setCookies.map((line) => (line.split(';')[0] ?? '').split('=')))
      this.cookies.set(name, value);
    if (html !== '') this.#last = html;
    const header = (name: string) => response.headers.get(name) ?? undefined;
    return { status: response.status, html, location: header('location'), setCookies, header };
  }
}
