import type { Answer, ServerUnderTest } from './server-under-test.ts';
import { ISSUER } from './server-under-test.ts';

/** A person's other device: a browser without JavaScript that keeps its cookie and posts the forms it is given. */
export class Device {
  readonly #server: ServerUnderTest;
  cookie = '';

  constructor(server: ServerUnderTest) {
    this.#server = server;
  }

  async visit(path: string, form?: URLSearchParams, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const answer = await this.#server.ask('browser', path, {
      ...(form === undefined ? {} : { form }),
      headers: {
        accept: 'text/html',
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(form === undefined ? {} : { origin: ISSUER }),
        ...headers,
      },
    });
    for (const line of answer.headers['set-cookie'] ?? [])
      if (line.startsWith('__Host-session=')) this.cookie = line.split(';')[0] ?? '';
    return answer;
  }

  async logIn(name: string, password = `${name}-demo`): Promise<Answer> {
    const page = await this.visit('/approvals');
    return this.press(page, 'submit-login', { login: name, password });
  }

  /** Presses a button of a page's form, with boxes replaced by what is typed. */
  press(
    page: Answer,
    button: string,
    typed: Readonly<Record<string, string | readonly string[]>> = {},
  ): Promise<Answer> {
    const { action, fields } = formWith(page, button, typed);
    return this.visit(action, fields);
  }

  /** Paths of the requests on the list. */
  async waiting(): Promise<string[]> {
    const page = await this.visit('/approvals');
    return [...page.text.matchAll(/href="(\/approvals\/[\w-]+)"/g)].map(([, path = '']) => path);
  }
}

/** The form around a button: where it goes, and what it brings. */
export function formWith(
  page: Answer,
  button: string,
  typed: Readonly<Record<string, string | readonly string[]>> = {},
): { action: string; fields: URLSearchParams } {
  const form = page.text.match(/<form\b.*?<\/form>/gs)?.find((each) => each.includes(`id="${button}"`)) ?? '';
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, 'name');
    if (name !== '' && !(name in typed)) fields.append(name, attribute(input, 'value'));
  }
  for (const [name, value] of Object.entries(typed)) for (const each of [value].flat()) fields.append(name, each);
  const pressed = new RegExp(`<button[^>]*id="${button}"[^>]*>`).exec(form)?.[0] ?? '';
  if (attribute(pressed, 'name') !== '') fields.append(attribute(pressed, 'name'), attribute(pressed, 'value'));
  return { action: attribute(form, 'action'), fields };
}

const attribute = (tag: string, name: string): string => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
