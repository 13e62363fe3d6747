import type { ApprovalQuestion } from '@holdfast/fapi/as';
import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { QuestionFields } from './question-fields.tsx';
import { textsIn } from './texts.ts';

export interface ApprovalPageProps {
  readonly language: Language;
  /** Path of this page; its form goes to a path below. */
  readonly page: string;
  /** Path of the list. */
  readonly list: string;
  readonly csrf: string;
  readonly person: string;
  readonly question: ApprovalQuestion;
}

/**
 * Asks a person on their other device. FAPI-CIBA-5.2.2-2 [CIBA-13]: the binding message comes first and largest, for it is all that ties
 * this page to what they started elsewhere.
 */
export function ApprovalPage({ language, page, list, csrf, person, question }: ApprovalPageProps) {
  const texts = textsIn(language);
  const { client, bindingMessage } = question;
  return (
    <Layout language={language} page={page} title={texts.consentTitle(client.name)}>
      <h1>{texts.consentTitle(client.name)}</h1>
      <section class="binding" aria-labelledby="compare">
        <h2 id="compare">{texts.approvalCompare}</h2>
        <p class="binding-message" id="binding-message">
          {bindingMessage}
        </p>
        <p class="quiet">{texts.approvalCompareLead(client.name)}</p>
      </section>
      <p class="lead">{texts.consentHello(person)}</p>
      <form method="post" action={`${page}/decision`} class="stack">
        <input type="hidden" name="csrf" value={csrf} />
        <input type="hidden" name="shown" value={question.hash} />
        <QuestionFields language={language} question={question} approve={texts.approvalApprove} />
        <p class="quiet">
          <a href={list}>{texts.approvalsBack}</a>
        </p>
      </form>
    </Layout>
  );
}
