import type { Text } from '../run/text.ts';
import { Layout } from './layout.tsx';
import { PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { link, words } from './page-view.ts';

/** One sentence, and the way back. */
export function MessagePage({ view, message }: { view: PageView; message: Text }) {
  return (
    <Layout view={view} title={words(view, PAGE_WORDS.lab)}>
      <section class="opening">
        <h1>{words(view, message)}</h1>
        <p>
          <a href={link(view, '/')}>{words(view, PAGE_WORDS.allAttacks)}</a>
        </p>
      </section>
    </Layout>
  );
}
