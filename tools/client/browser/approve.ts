import { PlatformTrouble } from '../../platform/trouble.ts';
import type { Call } from '../connection.ts';
import type { Checked } from '../steps.ts';
import { Browser, press, refusedOn } from './browser.ts';
import type { Page } from './browser.ts';
import { logInOn, loginFormOf } from './log-in.ts';
import type { Login } from './log-in.ts';
import { has, linksOf, parseForms, textsOf } from './page-form.ts';

/** A person at their other device. */
export interface Approval {
  readonly call: Call;
  /** The page that lists what waits. */
  readonly page: URL;
  readonly login: Login | undefined;
  /** What was shown where it began. */
  readonly bindingMessage: string | undefined;
  readonly checked: Checked;
}

/**
 * Agrees to the request that shows our binding message, and to no other: that is what the message is for. CIBA-CORE-7.1.
 * @throws RefusedByServer for a page that says no; PlatformTrouble when nothing like our request waits there
 */
export async function approve({ call, page: start, login, bindingMessage, checked }: Approval): Promise<void> {
  const browser = new Browser(call);
  const list = await loggedIn(browser, await browser.open({ url: start }), login);
  for (const link of linksBelow(list)) {
    const asked = await browser.open({ url: link });
    const form = parseForms(asked.html).find((each) => has(each, 'consent-approve'));
    if (form === undefined || !shows(asked, bindingMessage)) continue;
    const decided = await browser.open(press(asked, form, 'consent-approve'));
    if (decided.status >= 400) throw refusedOn(decided);
    checked('agreed to what shows our message');
    return;
  }
  throw new PlatformTrouble(
    `nothing that shows our binding message waits at ${start.href}`,
    'Is the person of `login` the one the hint names?',
  );
}

async function loggedIn(browser: Browser, page: Page, login: Login | undefined): Promise<Page> {
  const form = loginFormOf(page);
  if (form === undefined) return page;
  const after = await browser.open(logInOn(page, form, login));
  if (loginFormOf(after) !== undefined) throw refusedOn(after, 'name or password were not accepted');
  return after;
}

/** The links of a list to what it lists. */
function linksBelow({ url, html }: Page): URL[] {
  const targets = linksOf(html).flatMap((href) => URL.parse(href, url.href) ?? []);
  return targets.filter(({ origin, pathname }) => origin === url.origin && pathname.startsWith(`${url.pathname}/`));
}

function shows({ html }: Page, message: string | undefined): boolean {
  return message === undefined || textsOf(html).includes(message);
}
