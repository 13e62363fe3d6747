import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { textsIn } from './texts.ts';

export interface LoginPageProps {
  readonly language: Language;
  /** Path of this page; its form goes to a path below. */
  readonly page: string;
  readonly csrf: string;
  /** Name of the client that asks. */
  readonly client: string;
  /** What stands in the name field already. */
  readonly login: string;
  readonly failed: boolean;
}

export function LoginPage({ language, page, csrf, client, login, failed }: LoginPageProps) {
  const texts = textsIn(language);
  return (
    <Layout language={language} page={page} title={texts.loginTitle}>
      <h1>{texts.loginTitle}</h1>
      <p class="lead">{texts.loginLead(client)}</p>
      {failed && (
        <p class="alert" role="alert" id="login-failed">
          {texts.loginFailed}
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
