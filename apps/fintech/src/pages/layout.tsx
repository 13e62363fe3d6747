import type { Child } from 'hono/jsx';
import { catalogue, otherLanguage } from '../i18n/language.ts';
import { PostForm } from './post-form.tsx';
import type { PageContext } from './page-context.ts';

export type Section = 'accounts' | 'connection' | 'none';

export interface LayoutProps {
  readonly page: PageContext;
  readonly title: string;
  readonly section: Section;
  readonly notice?: string | undefined;
  readonly children: Child;
}

/** The frame of every page: one heading level one inside `children`, landmarks around it. */
export function Layout({ page, title, section, notice, children }: LayoutProps) {
  const { text, assets } = page;
  return (
    <html lang={page.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f5f1e8" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#08191f" />
        <title>{`${title} · Tidepool`}</title>
        <link rel="icon" type="image/svg+xml" href={assets.mark} />
        <link rel="stylesheet" href={assets.stylesheet} />
      </head>
      <body>
        <a class="skip" href="#content">
          {text.skipToContent}
        </a>
        <Header page={page} section={section} />
        <main id="content" tabindex={-1}>
          {notice === undefined ? null : (
            <p class="notice" role="status">
              {notice}
            </p>
          )}
          {children}
        </main>
        <Footer page={page} />
      </body>
    </html>
  );
}

function Header({ page, section }: { page: PageContext; section: Section }) {
  const { text } = page;
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src={page.assets.mark} alt="" width="34" height="34" />
        <span class="brand-name">Tidepool</span>
      </a>
      {page.linked ? (
        <nav aria-label={text.nav.label}>
          <NavLink href="/accounts" label={text.nav.accounts} here={section === 'accounts'} />
          <NavLink href="/connection" label={text.nav.connection} here={section === 'connection'} />
        </nav>
      ) : (
        <p class="brand-line">{text.brandLine}</p>
      )}
      <LanguageSwitch page={page} />
    </header>
  );
}

function NavLink({ href, label, here }: { href: string; label: string; here: boolean }) {
  return (
    <a href={href} aria-current={here ? 'page' : undefined}>
      {label}
    </a>
  );
}

/** A form, not a link: the choice is remembered, and nothing that is remembered changes by following a link. */
function LanguageSwitch({ page }: { page: PageContext }) {
  const other = otherLanguage(page.language);
  const { languageName } = catalogue(other);
  return (
    <PostForm page={page} action="/language" class="language" fields={{ language: other, return: page.path }}>
      <button type="submit" class="quiet" lang={other} aria-label={catalogue(other).nav.switchLanguage(languageName)}>
        {languageName}
      </button>
    </PostForm>
  );
}

function Footer({ page }: { page: PageContext }) {
  return (
    <footer class="foot">
      <p>{page.text.footer.example}</p>
    </footer>
  );
}
