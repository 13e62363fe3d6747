import { httpClient } from '@holdfast/host';
import type { HttpClient } from '@holdfast/host';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';

export interface Seen {
  readonly status: number;
  readonly html: string;
  readonly location: string | undefined;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
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
    const form = { ...(csrf === undefined ? {} : { csrf }), ...fields };
    return this.postRaw(path, new URLSearchParams(form).toString(), { origin: this.#origin, ...headers });
  }

  postRaw(path: string, body: string, headers: Record<string, string>): Promise<Seen> {
    return this.#send('POST', path, { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body);
  }

  async #send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Seen> {
    const url = path.startsWith('https:') ? path : `${this.#origin}${path}`;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#http.fetch(url, {
      method,
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const html = await response.text();
    const setCookies = response.headers.getSetCookie();
    setCookies.forEach((line) => this.#keep(line));
    if (html !== '') this.#last = html;
    const location = response.headers.get('location') ?? undefined;
    return { status: response.status, html, location, headers: response.headers as unknown as Headers, setCookies };
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (/max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
