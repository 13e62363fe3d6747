import type { ConsentQuestion } from '@holdfast/fapi/as';
import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { QuestionFields } from './question-fields.tsx';
import { textsIn } from './texts.ts';

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
  const { client } = question;
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
        <QuestionFields language={language} question={question} approve={texts.approve} />
        <p class="quiet">{texts.consentReturn(new URL(question.redirectUri).host)}</p>
      </form>
    </Layout>
  );
}
