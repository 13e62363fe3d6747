import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { textsIn } from './texts.ts';

export interface DecidedPageProps {
  readonly language: Language;
  readonly page: string;
  /** Path of the list. */
  readonly list: string;
  readonly client: string;
  readonly decision: 'approved' | 'denied';
}

/** What became of a request, for the person who decided it. */
export function DecidedPage({ language, page, list, client, decision }: DecidedPageProps) {
  const texts = textsIn(language);
  const outcome = decision === 'approved' ? texts.approvalApproved(client) : texts.approvalDenied(client);
  return (
    <Layout language={language} page={page} title={texts.approvalsTitle}>
      <h1>{client}</h1>
      <p class="lead" id={`decided-${decision}`} role="status">
        {outcome}
      </p>
      <p class="quiet">
        <a href={list}>{texts.approvalsBack}</a>
      </p>
    </Layout>
  );
}
