import type { Call } from '../connection.ts';
import { Refused, RefusedByServer, oneLine } from '../refusal.ts';
import { CookieJar } from './cookie-jar.ts';
import { decode, fillIn } from './page-form.ts';
import type { PageForm } from './page-form.ts';

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
}

/** Where a browser goes next, and with which form. */
export interface Visit {
  readonly url: URL;
  readonly form?: URLSearchParams;
  /** Where the form was. */
  readonly from?: URL;
}

// Our choice, no clause: more pages than any login has.
export const LONGEST_WAY = 20;

/** A browser without scripts: keeps cookies, has no certificate. */
export class Browser {
  readonly #call: Call;
  readonly #jar = new CookieJar();

  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * One request; a redirect is where to go next, for whoever asked to judge.
   * @throws Refused for what a browser must not do
   */
  async send(visit: Visit): Promise<Page | Visit> {
    const { url, form } = visit;
    // RFC6749-3.1: whoever is on the way could read the password, or be the page.
    if (url.protocol !== 'https:') throw new Refused('page_not_https', { detail: oneLine(url.origin) });
    const response = await this.#call(url.href, this.#init(visit));
    this.#jar.keep(url, response.headers.getSetCookie());
    const html = await response.text();
    const location = response.headers.get('location');
    if (location === null || response.status < 300 || response.status > 399)
      return { url, status: response.status, html };
    // RFC9700-4.12: the browser would post the password on to where it is sent.
    if (form !== undefined && (response.status === 307 || response.status === 308))
      throw new Refused('form_resent', { detail: `status ${response.status}` });
    const target = URL.parse(location, url.href);
    if (target === null) throw new Refused('answer_malformed', { detail: 'the redirect leads nowhere' });
    return { url: target };
  }

  /** Follows redirects up to a page. */
  async open(visit: Visit): Promise<Page> {
    let next: Page | Visit = visit;
    for (let sent = 0; sent < LONGEST_WAY; sent++) {
      next = await this.send(next);
      if ('html' in next) return next;
    }
    throw new Refused('redirect_loop', { detail: `${LONGEST_WAY} redirects` });
  }

  #init({ url, form, from }: Visit): object {
    const cookie = this.#jar.header(url);
    return {
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'text/html,application/xhtml+xml',
        ...(cookie === undefined ? {} : { cookie }),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(from === undefined ? {} : { origin: from.origin, referer: from.href }),
      },
      ...(form === undefined ? {} : { body: form.toString() }),
    };
  }
}

/** Types into a form of a page and presses one of its buttons; none when it sends itself. */
export function press(
  page: Page,
  form: PageForm,
  button?: string,
  typed: Readonly<Record<string, string>> = {},
): Visit {
  const url = URL.parse(form.action, page.url.href);
  if (url === null) throw refusedOn(page, 'its form leads nowhere');
  const fields = fillIn(form, typed, button);
  if (form.method === 'post') return { url, form: fields, from: page.url };
  url.search = fields.toString();
  return { url };
}

/** A page that says no: its error code where it shows one, else its title. */
export function refusedOn(page: Page, what?: string): RefusedByServer {
  const code = /<[^>]*\bid="error-code"[^>]*>([^<]*)</.exec(page.html)?.[1];
  const title = /<title\b[^>]*>([^<]*)</i.exec(page.html)?.[1] ?? '';
  const words = what ?? oneLine(decode(title));
  return new RefusedByServer(code === undefined ? `page_${page.status}` : oneLine(decode(code)), words);
}
