import type { Answer, Http, Question } from './http.ts';

/** A person at a browser without JavaScript: keeps cookies, reads forms, presses buttons, follows links. */
export class Person {
  readonly cookies = new Map<string, string>();
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** One request; nothing is followed. */
  async visit(url: string, question: Question = {}): Promise<Answer> {
    const { host } = new URL(url);
    const own = [...this.cookies].filter(([key]) => key.startsWith(`${host} `));
    const cookie = own.map(([key, value]) => `${key.slice(host.length + 1)}=${value}`).join('; ');
    const answer = await this.#http.ask(url, {
      ...question,
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...question.headers },
    });
    for (const line of (answer.headers['set-cookie'] ?? '').split('\n').filter((each) => each !== '')) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      if (/;\s*max-age=0/i.test(line)) this.cookies.delete(`${host} ${name}`);
      else this.cookies.set(`${host} ${name}`, value);
    }
    return answer;
  }

  /** A link of a client to the authorization endpoint, up to the page that is shown. */
  async open(url: string): Promise<Page> {
    let at = url;
    for (let redirects = 0; redirects < 5; redirects++) {
      const answer = await this.visit(at);
      if (answer.status !== 303 && answer.status !== 302) return { url: at, ...answer };
      at = new URL(answer.headers['location'] ?? '', at).href;
    }
    throw new Error(`more than five redirects from ${url}`);
  }

  /** Presses a button of a page's form. @returns what the form's target answers, nothing followed */
  submit(
    page: Page,
    button: string,
    typed: Readonly<Record<string, string | readonly string[]>> = {},
  ): Promise<Answer> {
    const { action, fields } = formWith(page, button, typed);
    return this.visit(action, { method: 'POST', body: fields, headers: { origin: new URL(page.url).origin } });
  }

  /** Logs in on the page of the authorization server. @returns the page after it */
  async logIn(page: Page, name: string, password = `${name}-demo`): Promise<Page> {
    const answer = await this.submit(page, 'submit-login', { login: name, password });
    if (answer.status !== 303) return { url: page.url, ...answer };
    return this.open(new URL(answer.headers['location'] ?? '', page.url).href);
  }
}

export interface Page extends Answer {
  readonly url: string;
}

/** The form around a button, filled in: what the page brings, then what is typed; a list replaces the boxes of that name. */
export function formWith(
  page: Page,
  button: string,
  typed: Readonly<Record<string, string | readonly string[]>> = {},
): { action: string; fields: URLSearchParams } {
  const form = page.text.match(/<form\b.*?<\/form>/gs)?.find((each) => each.includes(`id="${button}"`));
  if (form === undefined)
    throw new Error(`no form with a button ${button} at ${page.url}: ${page.status} ${page.text}`);
  const fields = new URLSearchParams();
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(tag, 'name');
    const left = attribute(tag, 'type') === 'checkbox' && !/\bchecked\b/.test(tag);
    if (name !== undefined && !left && !(name in typed)) fields.append(name, attribute(tag, 'value') ?? '');
  }
  for (const [name, value] of Object.entries(typed)) for (const each of [value].flat()) fields.append(name, each);
  const pressed = new RegExp(`<button\\b[^>]*id="${button}"[^>]*>`).exec(form)?.[0] ?? '';
  const name = attribute(pressed, 'name');
  if (name !== undefined) fields.append(name, attribute(pressed, 'value') ?? '');
  return { action: new URL(attribute(form, 'action') ?? '', page.url).href, fields };
}

/** The accounts a consent page offers: id and name. */
export function offeredAccounts(page: Page): { id: string; name: string }[] {
  const rows = [...page.text.matchAll(/<input[^>]*name="account"[^>]*>\s*<span class="account-name">([^<]*)</g)];
  return rows.map(([row, name = '']) => ({ id: attribute(row, 'value') ?? '', name }));
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found?.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
