import { PlatformTrouble } from '../../platform/trouble.ts';
import type { AuthorizationAnswer } from '../checks/authorization-answer.ts';
import type { Call } from '../connection.ts';
import { Refused, oneLine } from '../refusal.ts';
import type { Checked } from '../steps.ts';
import { Browser, LONGEST_WAY, press, refusedOn } from './browser.ts';
import type { Page, Visit } from './browser.ts';
import { logInOn, loginFormOf } from './log-in.ts';
import type { Login } from './log-in.ts';
import { has, parseForms } from './page-form.ts';

/** A person on the way through the pages of a server. */
export interface Journey {
  /** Reaches the world as a browser does: without a certificate of its own. */
  readonly call: Call;
  readonly start: URL;
  /** Where the journey ends; recognised, never fetched. */
  readonly redirectUri: string;
  readonly login: Login | undefined;
  readonly checked: Checked;
}

/**
 * Follows redirects, keeps cookies and fills in the forms it knows by their stable ids: `login`, `password`, `submit-login`,
 * `consent-approve`. A server that redirects at once is followed at once.
 * @returns what reached the redirect URI
 * @throws Refused for what a browser must not do; RefusedByServer for a page that says no; PlatformTrouble for one that
 * is not understood
 */
export async function travel(journey: Journey): Promise<AuthorizationAnswer> {
  const browser = new Browser(journey.call);
  const done = new Set<string>();
  let next: Visit = { url: journey.start };
  for (let sent = 0; sent < LONGEST_WAY; sent++) {
    if (isRedirectUri(next.url, journey.redirectUri)) return answerAt(next, journey.redirectUri);
    const seen = await browser.send(next);
    next = 'html' in seen ? decide(journey, seen, done) : seen;
  }
  throw new Refused('redirect_loop', { detail: `${LONGEST_WAY} pages` });
}

/** RFC6749-3.1.2: the registered address, to the letter, with whatever the server put behind it. */
function isRedirectUri(url: URL, redirectUri: string): boolean {
  const registered = new URL(redirectUri);
  if (url.origin !== registered.origin || url.pathname !== registered.pathname) return false;
  return [...registered.searchParams].every(([name, value]) => url.searchParams.getAll(name).includes(value));
}

function answerAt({ url, form }: Visit, redirectUri: string): AuthorizationAnswer {
  if (form !== undefined) return { via: 'form_post', parameters: form };
  if (url.hash.length > 1) return { via: 'fragment', parameters: new URLSearchParams(url.hash.slice(1)) };
  const parameters = new URLSearchParams(url.search);
  for (const [name, value] of new URL(redirectUri).searchParams) parameters.delete(name, value);
  return { via: 'query', parameters };
}

/** What a person does with a page. A page that comes back wants something this person does not have. */
function decide(journey: Journey, page: Page, done: Set<string>): Visit {
  const forms = parseForms(page.html);
  // OAUTH-FORM-POST-2: a form that carries the answer; a browser with scripts sends it by itself.
  const back = forms.find((form) => form.method === 'post' && leadsBack(form.action, page, journey.redirectUri));
  if (back !== undefined) return press(page, back);
  const login = loginFormOf(page);
  if (login !== undefined) {
    if (done.has('login')) throw refusedOn(page, 'name or password were not accepted');
    done.add('login');
    const visit = logInOn(page, login, journey.login);
    journey.checked('logged in');
    return visit;
  }
  if (page.status >= 400 || /\bid="error-code"/.test(page.html)) throw refusedOn(page);
  const consent = forms.find((form) => has(form, 'consent-approve'));
  if (consent === undefined) throw notUnderstood(page);
  if (done.has('consent')) throw refusedOn(page, 'the consent was not accepted');
  done.add('consent');
  journey.checked('agreed');
  return press(page, consent, 'consent-approve');
}

function leadsBack(action: string, page: Page, redirectUri: string): boolean {
  const target = URL.parse(action, page.url.href);
  return target !== null && isRedirectUri(target, redirectUri);
}

const notUnderstood = ({ url, status }: Page): PlatformTrouble =>
  new PlatformTrouble(
    `the page at ${oneLine(url.origin + url.pathname)} is not understood (status ${status})`,
    'Pages are known by the ids login, password, submit-login and consent-approve.',
  );
