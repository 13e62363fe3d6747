import { PlatformTrouble } from '../../platform/trouble.ts';
import { oneLine } from '../refusal.ts';
import { press } from './browser.ts';
import type { Page, Visit } from './browser.ts';
import { has, parseForms } from './page-form.ts';
import type { PageForm } from './page-form.ts';

/** Who is at the browser. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/** The form of a page that asks who is there, by its stable ids. */
export const loginFormOf = (page: Page): PageForm | undefined =>
  parseForms(page.html).find((form) => has(form, 'login') && has(form, 'password') && has(form, 'submit-login'));

/** @throws PlatformTrouble when the client file names nobody */
export function logInOn(page: Page, form: PageForm, login: Login | undefined): Visit {
  if (login !== undefined) return press(page, form, 'submit-login', { login: login.name, password: login.password });
  throw new PlatformTrouble(
    `${oneLine(page.url.origin)} asks a person to log in, and the client file names nobody`,
    'Add "login": { "name": …, "password": … } of a demo customer to the client file.',
  );
}
