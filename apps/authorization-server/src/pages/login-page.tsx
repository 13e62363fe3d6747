import type { LoginOutcome } from '../login/log-in.ts';
import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { textsIn, waitingTime } from './texts.ts';

export interface LoginPageProps {
  readonly language: Language;
  /** Path of this page; its form goes to a path below. */
  readonly page: string;
  readonly csrf: string;
  /** Why there is something to log in for. */
  readonly lead: string;
  /** What stands in the name field already. */
  readonly login: string;
  /** How the attempt before this page ended, if there was one. */
  readonly outcome: Exclude<LoginOutcome, { readonly kind: 'in' }> | undefined;
}

/** The ids of the fields and buttons are the contract with whoever drives the page [AUTH-25]. */
export function LoginPage({ language, page, csrf, lead, login, outcome }: LoginPageProps) {
  const texts = textsIn(language);
  return (
    <Layout language={language} page={page} title={texts.loginTitle}>
      <h1>{texts.loginTitle}</h1>
      <p class="lead">{lead}</p>
      {outcome?.kind === 'wrong' && (
        <p class="alert" role="alert" id="login-failed" data-error="login_wrong">
          {texts.loginFailed}
        </p>
      )}
      {outcome?.kind === 'later' && (
        <p class="alert" role="alert" id="login-later" data-error="login_too_often">
          {texts.loginLater(waitingTime(outcome.seconds, language))} <code id="error-code">too_many_requests</code>
        </p>
      )}
      <form method="post" action={`${page}/login`} class="stack">
        <input type="hidden" name="csrf" value={csrf} />
        <label for="login">{texts.loginName}</label>
        <input
          id="login"
          name="login"
          value={login}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          autofocus={login === ''}
        />
        <label for="password">{texts.password}</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          autofocus={login !== ''}
        />
        <button id="submit-login" type="submit" class="primary">
          {texts.loginButton}
        </button>
      </form>
    </Layout>
  );
}
