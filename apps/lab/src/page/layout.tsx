import type { Child } from 'hono/jsx';
import { CLINIC_WORDS } from '../clinic/clinic-words.ts';
import { PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { isBusy, link, words } from './page-view.ts';

export interface LayoutProps {
  readonly view: PageView;
  readonly title: string;
  readonly children: Child;
}

/** Seconds between two looks while something is being played; without script the browser itself asks again. */
const REFRESH_SECONDS = 1;

/** The frame of every page. */
export function Layout({ view, title, children }: LayoutProps) {
  const other = view.language === 'en' ? 'ja' : 'en';
  return (
    <html lang={view.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {isBusy(view) ? <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} /> : null}
        <title>{`${title} · Holdfast`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={view.stylesheet} />
      </head>
      <body>
        <a class="skip" href="#content">
          {words(view, PAGE_WORDS.skip)}
        </a>
        <header class="top">
          <a class="brand" href={link(view, '/')}>
            <Mark />
            <span>
              Holdfast <b>{words(view, PAGE_WORDS.lab)}</b>
            </span>
          </a>
          <nav class="places">
            <PlaceLink view={view} path="/" label={words(view, PAGE_WORDS.attacks)} />
            <PlaceLink view={view} path="/verdict" label={words(view, PAGE_WORDS.verdict)} />
            <PlaceLink view={view} path="/clinic" label={words(view, CLINIC_WORDS.clinic)} />
          </nav>
          <a class="language" lang={other} hreflang={other} href={link(view, view.path, other)}>
            {other === 'ja' ? '日本語' : 'English'}
          </a>
        </header>
        <main id="content" tabindex={-1}>
          {children}
        </main>
      </body>
    </html>
  );
}

function PlaceLink({ view, path, label }: { view: PageView; path: string; label: string }) {
  return (
    <a href={link(view, path)} aria-current={view.path === path ? 'page' : undefined}>
      {label}
    </a>
  );
}

/** A holdfast: what keeps kelp on its rock. One stem above, many grips below. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true" class="mark">
      <path d="M16 2v15M16 17c0 6-5 5-8 11M16 17c0 6-2 7-3 12M16 17c0 6 2 7 3 12M16 17c0 6 5 5 8 11" />
      <path d="M3 29.5h26" />
    </svg>
  );
}

/** A button that plays one attack, or all of them; nothing else on these pages changes anything. */
export function PlayButton({ view, attack, label }: { view: PageView; attack: string; label: string }) {
  return (
    <form method="post" action="/runs" class="play">
      <input type="hidden" name="attack" value={attack} />
      <input type="hidden" name="language" value={view.language} />
      <input type="hidden" name="back" value={view.path} />
      <button type="submit" disabled={isBusy(view)}>
        {label}
      </button>
    </form>
  );
}
