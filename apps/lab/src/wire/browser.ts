import type { Caller, Route } from './caller.ts';
import { CookieJar } from './cookie-jar.ts';
import { formWith, readableText, submission, textOf } from './html-form.ts';
import type { Exchange, Field } from './https-call.ts';
import { httpsCall, shownPath } from './https-call.ts';
import { onTheWire, Secret } from './secret.ts';

/** Where a browser ended up: on a page, or sent to an address outside the places it was told to visit. */
export type Arrival = (
  | { readonly kind: 'page'; readonly url: string; readonly exchange: Exchange }
  | { readonly kind: 'sent-away'; readonly to: URL; readonly exchange: Exchange }
) & {
  /** Everything that was answered on the way, the last included. */
  readonly hops: readonly Exchange[];
};

/** A person of the demonstration, with what she types into a login form. */
export interface Person {
  readonly name: string;
  readonly login: string;
  readonly password: string;
}

const MOST_REDIRECTS = 8;

/**
 * A browser reduced to what matters here: cookies, redirects and forms, no script. It follows redirects only among the
 * `places` it was given; a redirect elsewhere is where the interesting thing (a code) is, so it stops and tells.
 */
export class Browser {
  readonly #owner: string;
  readonly #caller: Caller;
  readonly #jar: CookieJar;
  readonly #places: readonly string[];

  /** @param places origins this browser may visit, such as `https://auth.localhost:9443` */
  constructor(owner: string, route: Route, places: readonly string[], jar = new CookieJar()) {
    this.#owner = owner;
    this.#caller = { name: `${owner}'s browser`, route };
    this.#places = places;
    this.#jar = jar;
  }

  /** The same browser, with the same cookies, allowed to visit other places from now on. */
  visiting(...places: readonly string[]): Browser {
    return new Browser(this.#owner, this.#caller.route, places, this.#jar);
  }

  async open(url: string): Promise<Arrival> {
    return this.#follow('GET', url);
  }

  /**
   * Fills in fields by id and presses the button with this id; throws when the page has no such button.
   * @param edit what whoever sits at the browser makes of the form before it is sent, hidden fields included
   */
  async press(
    page: Arrival,
    button: string,
    typed: ReadonlyMap<string, string> = new Map(),
    edit: (fields: readonly Field[]) => readonly Field[] = (fields) => fields,
  ): Promise<Arrival> {
    const form = page.kind === 'page' ? formWith(page.exchange.body, page.url, button) : undefined;
    if (form === undefined) throw new Error(`there is no button "${button}" on the page: ${describeArrival(page)}`);
    const fields = edit(submission(form, typed, button));
    if (form.method === 'POST') return this.#follow('POST', form.action, fields);
    const query = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, onTheWire(value)]));
    return this.#follow('GET', `${form.action}?${query}`);
  }

  async #follow(method: 'GET' | 'POST', start: string, form?: readonly Field[]): Promise<Arrival> {
    let url = start;
    let exchange = await this.#visit(method, url, form);
    const hops = [exchange];
    for (let count = 0; count < MOST_REDIRECTS; count += 1) {
      const location = exchange.headers.get('location');
      if (exchange.status < 300 || exchange.status > 399 || location === undefined)
        return { kind: 'page', url, exchange, hops };
      const to = new URL(location, url);
      if (!this.#places.includes(to.origin)) return { kind: 'sent-away', to, exchange, hops };
      url = to.href;
      exchange = await this.#visit('GET', url);
      hops.push(exchange);
    }
    throw new Error(`redirected more than ${MOST_REDIRECTS} times, last to ${new URL(url).pathname}`);
  }

  async #visit(method: 'GET' | 'POST', url: string, form?: readonly Field[]): Promise<Exchange> {
    const { origin } = new URL(url);
    const headers: Field[] = [['accept', 'text/html']];
    const cookie = this.#jar.header(origin);
    if (cookie !== undefined) headers.push(['cookie', new Secret(cookie)]);
    // A browser says where a form came from; servers use it against forged posts.
    if (method === 'POST') headers.push(['origin', origin], ['sec-fetch-site', 'same-origin']);
    const exchange = await httpsCall(this.#caller, { method, url, headers, ...(form === undefined ? {} : { form }) });
    this.#jar.store(origin, exchange.setCookies);
    return exchange;
  }
}

/**
 * Logs a person in where the page asks for it and presses the consent button where there is one.
 * The ids are the contract of the server-rendered pages: `login`, `password`, `submit-login`, `consent-approve`, `consent-deny`.
 */
export async function logInAndDecide(
  browser: Browser,
  start: Arrival,
  person: Person,
  decision: 'consent-approve' | 'consent-deny' = 'consent-approve',
): Promise<Arrival> {
  let here = start;
  if (offers(here, 'submit-login')) {
    here = await browser.press(here, 'submit-login', typedBy(person));
  }
  return offers(here, decision) ? browser.press(here, decision) : here;
}

/** What a person types into the login form. */
export const typedBy = ({ login, password }: Person): ReadonlyMap<string, string> =>
  new Map([
    ['login', login],
    ['password', password],
  ]);

/** The machine-readable code of an error page (`id="error-code"`), if this is one. */
export function errorCodeOf(arrival: Arrival): string | undefined {
  return arrival.kind === 'page' ? textOf(arrival.exchange.body, 'error-code') : undefined;
}

/** One line about where the browser is, without codes: addresses lose their query. */
export function describeArrival(arrival: Arrival): string {
  if (arrival.kind === 'sent-away') return `sent to ${arrival.to.origin}${shownPath(arrival.to.pathname)}`;
  const error = errorCodeOf(arrival);
  const { answer } = arrival.exchange;
  if (answer.kind !== 'http') return `nothing at ${new URL(arrival.url).origin} (${answer.kind})`;
  const text = error ?? readableText(arrival.exchange.body).slice(0, 120);
  return `${answer.status} at ${shownPath(new URL(arrival.url).pathname)}: ${text}`;
}

/** Does the page have an input or button with this id? */
export function offers(arrival: Arrival, id: string): boolean {
  return arrival.kind === 'page' && formWith(arrival.exchange.body, arrival.url, id) !== undefined;
}
