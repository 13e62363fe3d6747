import type { Catalogue } from '../i18n/en.ts';
import type { Values } from '../session/single-values.ts';
import type { PageContext } from './page-context.ts';

/** One-line messages a page may open with. They come by address, so they are a closed set and say nothing private. */
export type Notice = keyof Catalogue['notices'];

export const withNotice = (path: string, notice: Notice): string => `${path}?notice=${notice}`;

export function noticeOf(page: PageContext, values: Values | undefined): string | undefined {
  const wanted = values?.get('notice') ?? '';
  return Object.hasOwn(page.text.notices, wanted) ? page.text.notices[wanted as Notice] : undefined;
}
