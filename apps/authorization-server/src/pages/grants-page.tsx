import type { GrantOverview } from '@holdfast/fapi/as';
import { GrantedAccounts, GrantedActions, opensAccounts } from './granted.tsx';
import type { Language } from './language.ts';
import { Layout } from './layout.tsx';
import { formatDate, textsIn } from './texts.ts';

export interface GrantsPageProps {
  readonly language: Language;
  /** Path of this page; what it links and posts to lies below. */
  readonly page: string;
  readonly csrf: string;
  /** Name of the person who is logged in. */
  readonly person: string;
  readonly grants: readonly GrantOverview[];
  /** Whether one was withdrawn just now. */
  readonly withdrawn: boolean;
}

/** Who may see what, since when and until when, each with the way to end it. */
export function GrantsPage({ language, page, csrf, person, grants, withdrawn }: GrantsPageProps) {
  const texts = textsIn(language);
  return (
    <Layout language={language} page={page} title={texts.grantsTitle} wide>
      <h1>{texts.grantsTitle}</h1>
      <form method="post" action={`${page}/logout`} class="lead">
        <input type="hidden" name="csrf" value={csrf} />
        {texts.grantsHello(person)}{' '}
        <button id="log-out" type="submit" class="link">
          {texts.logOut}
        </button>
      </form>
      {withdrawn && (
        <p class="done" role="status" id="withdrawn">
          {texts.withdrawn}
        </p>
      )}
      <p id="grant-count">{grants.length === 0 ? texts.grantsNone : texts.grantsCount(grants.length)}</p>
      <ul class="grants">
        {grants.map((grant) => (
          <GrantItem language={language} page={page} grant={grant} />
        ))}
      </ul>
    </Layout>
  );
}

function GrantItem({ language, page, grant }: { language: Language; page: string; grant: GrantOverview }) {
  const texts = textsIn(language);
  const { id, client, grantedAt, expiresAt } = grant;
  return (
    <li class="grant" data-client={client.id}>
      <header>
        <h2>{client.name}</h2>
        <a
          class="button"
          href={`${page}/${encodeURIComponent(id)}/withdraw`}
          aria-label={texts.withdrawFrom(client.name)}
        >
          {texts.withdraw}
        </a>
      </header>
      <dl class="facts">
        <div>
          <dt>{texts.grantSince}</dt>
          <dd>
            <time datetime={grantedAt.toISOString()}>{formatDate(grantedAt, language)}</time>
          </dd>
        </div>
        <div>
          <dt>{texts.grantUntil}</dt>
          <dd>
            <time datetime={expiresAt.toISOString()}>{formatDate(expiresAt, language)}</time>
          </dd>
        </div>
        <div class="whole">
          <dt>{texts.grantActions}</dt>
          <dd>
            <GrantedActions language={language} grant={grant} />
          </dd>
        </div>
        {opensAccounts(grant) && (
          <div class="whole">
            <dt>{texts.grantAccounts}</dt>
            <dd>
              <GrantedAccounts language={language} grant={grant} />
            </dd>
          </div>
        )}
      </dl>
    </li>
  );
}
