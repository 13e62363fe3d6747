import type { Answer, Http, Question } from './http.ts';

export interface Page extends Answer {
  readonly url: string;
}

/** A browser without scripts: keeps cookies of one site, follows redirects, presses a button of a page. */
export class Browser {
  readonly #http: Http;
  readonly #cookies = new Map<string, string>();

  constructor(http: Http) {
    this.#http = http;
  }

  /** Goes there, and on to wherever it is sent on this site. @returns a page, or the redirect that leads to another site */
  async open(url: string, question: Question = {}): Promise<Page> {
    const site = new URL(url).origin;
    let answer = await this.#visit(url, question);
    let at = url;
    for (let hops = 0; hops < 6; hops++) {
      if (answer.location === undefined) return { ...answer, url: at };
      const next = new URL(answer.location, at);
      if (next.origin !== site) return { ...answer, location: next.href, url: at };
      at = next.href;
      answer = await this.#visit(at);
    }
    throw new Error(`too many redirects from ${url}`);
  }

  /** Presses the button with this id, with what its form brings and what is typed; boxes are ticked as the page has them. */
  press(page: Page, button: string, typed: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = page.text.match(/<form\b.*?<\/form>/gs)?.find((each) => each.includes(`id="${button}"`));
    if (form === undefined)
      throw new Error(`no button ${button} at ${page.url}: ${page.status} ${page.text.slice(0, 200)}`);
    const fields = new URLSearchParams(typed);
    for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
      const name = attribute(tag, 'name');
      const left = attribute(tag, 'type') === 'checkbox' && !/\bchecked\b/.test(tag);
      if (name !== undefined && !left && !(name in typed)) fields.append(name, attribute(tag, 'value') ?? '');
    }
    const pressed = new RegExp(`<button\\b[^>]*id="${button}"[^>]*>`).exec(form)?.[0] ?? '';
    const name = attribute(pressed, 'name');
    if (name !== undefined) fields.append(name, attribute(pressed, 'value') ?? '');
    const action = new URL(attribute(form, 'action') ?? '', page.url);
    return this.open(action.href, { form: fields, headers: { origin: action.origin } });
  }

  async #visit(url: string, question: Question = {}): Promise<Answer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...question.headers };
    const answer = await this.#http.ask(url, { ...question, headers });
    for (const line of answer.setCookie) this.#keep(line);
    return answer;
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /;\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found?.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
