import type { FormPairs } from '@holdfast/fapi';
import { sendPage } from '@holdfast/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pageCsp } from '../pages/csp.ts';
import type { Language } from '../pages/language.ts';
import { pageHtml } from '../pages/layout.tsx';
import { LoginPage } from '../pages/login-page.tsx';
import { single } from '../session/form-fields.ts';
import type { Credentials, LoginOutcome } from './log-in.ts';
import { sourceOf } from './source-address.ts';

/** An attempt after which the form is shown again. */
export interface FailedLogin {
  /** What stands in the name field. */
  readonly login: string;
  readonly outcome: Exclude<LoginOutcome, { readonly kind: 'in' }>;
}

export interface LoginForm {
  readonly language: Language;
  /** Path of the page; its form goes to `login` below. */
  readonly page: string;
  readonly csrf: string;
  /** Why there is something to log in for. */
  readonly lead: string;
  /** A name to begin with. */
  readonly hint?: string | undefined;
  readonly failed?: FailedLogin | undefined;
}

/** What a login form brought. */
export const credentialsIn = (form: FormPairs, request: FastifyRequest): Credentials => ({
  login: single(form, 'login'),
  password: single(form, 'password'),
  address: sourceOf(request.socket.remoteAddress),
});

/** Shows the login form, with what went wrong before. RFC6585-4: who comes too often is told when to come back. */
export function sendLoginPage(reply: FastifyReply, { failed, hint = '', ...form }: LoginForm): void {
  const outcome = failed?.outcome;
  if (outcome?.kind === 'later') reply.header('retry-after', String(outcome.seconds));
  const page = <LoginPage {...form} login={failed?.login ?? hint} outcome={outcome} />;
  sendPage(reply, { status: statusOf(outcome), html: pageHtml(page), csp: pageCsp() });
}

function statusOf(outcome: FailedLogin['outcome'] | undefined): number {
  if (outcome === undefined) return 200;
  return outcome.kind === 'later' ? 429 : 401;
}
