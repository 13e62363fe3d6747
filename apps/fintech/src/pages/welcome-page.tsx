import { Layout } from './layout.tsx';
import type { PageContext } from './page-context.ts';
import { PostForm } from './post-form.tsx';

export interface WelcomePageProps {
  readonly page: PageContext;
  /** False while the bank's login service has not been reached. */
  readonly canLink: boolean;
  readonly notice?: string | undefined;
}

/** What a person sees before a bank is linked. */
export function WelcomePage({ page, canLink, notice }: WelcomePageProps) {
  const { welcome } = page.text;
  return (
    <Layout page={page} title={welcome.title} section="none" notice={notice}>
      <section class="hero">
        <div class="hero-words">
          <h1>{welcome.headline}</h1>
          <p class="lede">{welcome.lede(page.bank)}</p>
          {canLink ? <LinkForm page={page} /> : <p class="notice caution">{welcome.notYet}</p>}
        </div>
        <img class="hero-picture" src={page.assets.pool} alt={welcome.picture} width="560" height="520" />
      </section>
      <section class="points" aria-labelledby="points-title">
        <h2 id="points-title" class="unseen">
          {welcome.pointsTitle}
        </h2>
        <ol>
          {welcome.points(page.bank).map((point) => (
            <li>
              <h3>{point.title}</h3>
              <p>{point.body}</p>
            </li>
          ))}
        </ol>
      </section>
    </Layout>
  );
}

function LinkForm({ page }: { page: PageContext }) {
  const { welcome } = page.text;
  return (
    <PostForm page={page} action="/link" class="link-form">
      <button type="submit" id="link-bank" class="primary" aria-describedby="link-next">
        {welcome.link(page.bank)}
      </button>
      <p id="link-next" class="hint">
        {welcome.next(page.bank)}
      </p>
    </PostForm>
  );
}
