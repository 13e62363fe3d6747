import type { Child } from 'hono/jsx';
import { STYLESHEET } from './assets.ts';
import type { Language } from './language.ts';
import { textsIn } from './texts.ts';

export interface LayoutProps {
  readonly language: Language;
  readonly title: string;
  /** Path under which the page can be asked for again, in another language. */
  readonly page?: string;
  /** Whether the page is a list that needs more room than a form. */
  readonly wide?: boolean;
  readonly children?: Child;
}

/** The frame of every page: the bank's name, the language switch, one column; no script [AUTH-24]. */
export function Layout({ language, title, page, wide = false, children }: LayoutProps) {
  const texts = textsIn(language);
  const other: Language = language === 'en' ? 'ja' : 'en';
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${texts.bank}`}</title>
        <link rel="stylesheet" href={STYLESHEET.path} />
        <link rel="icon" href="/assets/harbour.svg" type="image/svg+xml" />
      </head>
      <body>
        <header class="bar">
          <span class="brand">
            <img src="/assets/harbour.svg" alt="" width="28" height="28" />
            {texts.bank}
          </span>
          {page !== undefined && (
            <a class="language" href={`${page}?lang=${other}`} lang={other} hreflang={other}>
              {texts.otherLanguage}
            </a>
          )}
        </header>
        <main class={wide ? 'wide' : undefined}>{children}</main>
      </body>
    </html>
  );
}

/** A page as HTML text. */
export const pageHtml = (page: { toString(): string | Promise<string> }): string => `<!doctype html>${String(page)}`;
