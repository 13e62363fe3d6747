import type { ConsentQuestion } from '@holdfast/fapi/as';
import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { formatDate, textsIn } from './texts.ts';

export interface ConsentPageProps {
  readonly language: Language;
  /** Path of this page; its form goes to a path below. */
  readonly page: string;
  readonly csrf: string;
  /** Name of the person who is logged in. */
  readonly person: string;
  readonly question: ConsentQuestion;
}

/** Shows exactly what was pushed; the form brings back the fingerprint of what was shown. */
export function ConsentPage({ language, page, csrf, person, question }: ConsentPageProps) {
  const texts = textsIn(language);
  const { client, details, scopes, accounts } = question;
  const actions = [...new Set(details.flatMap((detail) => detail.actions))];
  const nothingToShare = details.length > 0 && accounts.length === 0;
  return (
    <Layout language={language} page={page} title={texts.consentTitle(client.name)}>
      <h1>{texts.consentTitle(client.name)}</h1>
      <form method="post" action={`${page}/logout`} class="lead">
        <input type="hidden" name="csrf" value={csrf} />
        {texts.consentHello(person)}{' '}
        <button id="log-out" type="submit" class="link">
          {texts.notYou}
        </button>
      </form>
      <form method="post" action={`${page}/consent`} class="stack">
        <input type="hidden" name="csrf" value={csrf} />
        <input type="hidden" name="shown" value={question.hash} />
        <section aria-labelledby="what">
          <h2 id="what">{texts.consentWhat(client.name)}</h2>
          <ul class="asked">
            {actions.map((name) => (
              <li>{texts.action[name] ?? name}</li>
            ))}
            {scopes.map((name) => (
              <li>{texts.scope[name] ?? name}</li>
            ))}
          </ul>
        </section>
        {details.length > 0 && (
          <fieldset>
            <legend>{texts.consentAccounts}</legend>
            {accounts.map(({ id, name, maskedNumber, currency }) => (
              <label class="account">
                <input type="checkbox" name="account" value={id} checked />
                <span class="account-name">{name}</span>
                <span class="account-number">{`${maskedNumber} · ${currency}`}</span>
              </label>
            ))}
            {nothingToShare && <p>{texts.consentNoAccounts}</p>}
          </fieldset>
        )}
        <p class="quiet">{texts.consentUntil(formatDate(question.expiresAt, language))}</p>
        <div class="choices">
          {!nothingToShare && (
            <button id="consent-approve" name="decision" value="approve" type="submit" class="primary">
              {texts.approve}
            </button>
          )}
          <button id="consent-deny" name="decision" value="deny" type="submit">
            {texts.deny}
          </button>
        </div>
        <p class="quiet">{texts.consentReturn(new URL(question.redirectUri).host)}</p>
      </form>
    </Layout>
  );
}
