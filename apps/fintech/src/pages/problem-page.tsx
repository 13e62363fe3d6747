import { Layout } from './layout.tsx';
import type { PageContext } from './page-context.ts';
import { PostForm } from './post-form.tsx';
import type { ProblemKind } from './problem.ts';

export interface ProblemPageProps {
  readonly page: PageContext;
  readonly kind: ProblemKind;
  readonly reason?: string | undefined;
  /** Finds the case in the log: the interaction id of this request. */
  readonly reference?: string | undefined;
}

/** A problem in plain words, with the next sensible step. */
export function ProblemPage({ page, kind, reason, reference }: ProblemPageProps) {
  const { problems, problemHelp } = page.text;
  const words = problems[kind];
  return (
    <Layout page={page} title={words.title} section="none">
      <section class="problem">
        <img src={page.assets.pool} alt="" width="220" height="204" />
        <h1>{words.title}</h1>
        <p class="lede">{words.body}</p>
        <NextStep page={page} kind={kind} />
        <dl class="small-print">
          <div>
            <dt>{problemHelp.reason}</dt>
            <dd>
              <code id="error-code">{reason ?? kind}</code>
            </dd>
          </div>
          {reference === undefined ? null : (
            <div>
              <dt>{problemHelp.reference}</dt>
              <dd>
                <code>{reference}</code>
              </dd>
            </div>
          )}
        </dl>
      </section>
    </Layout>
  );
}

function NextStep({ page, kind }: { page: PageContext; kind: ProblemKind }) {
  const { problemHelp, connection } = page.text;
  switch (kind) {
    case 'connection_ended':
      return (
        <div class="steps">
          <PostForm page={page} action="/link">
            <button type="submit" id="link-bank" class="primary">
              {connection.linkAgain}
            </button>
          </PostForm>
          <a href="/connection">{problemHelp.connection}</a>
        </div>
      );
    case 'bank_unreachable':
    case 'bank_answer_unusable':
    case 'login_service_unreachable':
      return <Step href={page.path} label={problemHelp.retry} />;
    case 'not_shared':
    case 'account_unknown':
      return <Step href="/accounts" label={problemHelp.accounts} />;
    case 'tidepool_not_recognised':
      return page.linked ? (
        <Step href="/connection" label={problemHelp.connection} />
      ) : (
        <Step href="/" label={problemHelp.home} />
      );
    default:
      return <Step href="/" label={problemHelp.home} />;
  }
}

function Step({ href, label }: { href: string; label: string }) {
  return (
    <p class="steps">
      <a class="button" href={href}>
        {label}
      </a>
    </p>
  );
}
