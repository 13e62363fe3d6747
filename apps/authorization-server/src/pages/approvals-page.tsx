import type { AskedRequest } from '@holdfast/fapi/as';
import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { textsIn } from './texts.ts';

export interface ApprovalsPageProps {
  readonly language: Language;
  /** Path of this page; each request has its own below. */
  readonly page: string;
  readonly csrf: string;
  /** Name of the person who is logged in. */
  readonly person: string;
  readonly waiting: readonly AskedRequest[];
}

/** What waits for a person who uses this browser as their other device. */
export function ApprovalsPage({ language, page, csrf, person, waiting }: ApprovalsPageProps) {
  const texts = textsIn(language);
  return (
    <Layout language={language} page={page} title={texts.approvalsTitle}>
      <h1>{texts.approvalsTitle}</h1>
      <form method="post" action={`${page}/logout`} class="lead">
        <input type="hidden" name="csrf" value={csrf} />
        {texts.consentHello(person)}{' '}
        <button id="log-out" type="submit" class="link">
          {texts.logOut}
        </button>
      </form>
      {waiting.length === 0 ? (
        <p id="nothing-waits">{texts.approvalsNone}</p>
      ) : (
        <ul class="waiting">
          {waiting.map(({ client, request }) => (
            <li>
              <h2>{client.name}</h2>
              <p class="binding-message">{request.bindingMessage}</p>
              <a href={`${page}/${request.id}`}>{texts.approvalsReview(client.name)}</a>
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">
        <a href={page}>{texts.approvalsAgain}</a>
      </p>
    </Layout>
  );
}
