import type { Catalogue } from '../i18n/en.ts';
import type { Formatter } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';

/** URLs of the static files, each with the hash of its content in the name. */
export interface AssetUrls {
  readonly stylesheet: string;
  readonly mark: string;
  readonly pool: string;
}

/** What every page knows besides its own content. */
export interface PageContext {
  readonly language: Language;
  readonly text: Catalogue;
  readonly format: Formatter;
  readonly assets: AssetUrls;
  /** The bank's name on pages. */
  readonly bank: string;
  /** Proof that a form came from a page of this visit; absent when there is no visit, and then no form is shown. */
  readonly csrf: string | undefined;
  /** Path and query of this page: where the language switch comes back to. */
  readonly path: string;
  /** Whether a bank is linked: decides if there is anything to navigate to. */
  readonly linked: boolean;
}
