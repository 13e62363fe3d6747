import type { GrantOverview } from '@holdfast/fapi/as';
import { GrantedAccounts, GrantedActions, opensAccounts } from './granted.tsx';
import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { textsIn } from './texts.ts';

export interface WithdrawPageProps {
  readonly language: Language;
  /** Path of this page, which its form goes to as well. */
  readonly page: string;
  /** Path of the page to go back to. */
  readonly back: string;
  readonly csrf: string;
  readonly grant: GrantOverview;
}

/** Asks once more, with everything that would end. */
export function WithdrawPage({ language, page, back, csrf, grant }: WithdrawPageProps) {
  const texts = textsIn(language);
  const { name } = grant.client;
  return (
    <Layout language={language} page={page} title={texts.withdrawTitle(name)}>
      <h1>{texts.withdrawTitle(name)}</h1>
      <form method="post" action={page} class="stack">
        <input type="hidden" name="csrf" value={csrf} />
        <section aria-labelledby="what">
          <h2 id="what">{texts.withdrawLead(name)}</h2>
          <GrantedActions language={language} grant={grant} />
        </section>
        {opensAccounts(grant) && (
          <section aria-labelledby="which">
            <h2 id="which">{texts.grantAccounts}</h2>
            <GrantedAccounts language={language} grant={grant} />
          </section>
        )}
        <p class="quiet">{texts.withdrawEffect(name)}</p>
        <div class="choices">
          <button id="withdraw-confirm" type="submit" class="danger">
            {texts.withdrawConfirm}
          </button>
          <a id="withdraw-keep" class="button" href={back}>
            {texts.withdrawKeep}
          </a>
        </div>
      </form>
    </Layout>
  );
}
