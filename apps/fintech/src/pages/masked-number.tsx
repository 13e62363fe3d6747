import type { PageContext } from './page-context.ts';

/** `•••• 4821` for the eye, "ending 4821" for the ear. */
export function MaskedNumber({ page, value }: { page: PageContext; value: string }) {
  const ending = /[0-9A-Za-z]+$/.exec(value)?.[0];
  const dots = value.replaceAll('*', '•');
  if (ending === undefined) return <span class="masked">{dots}</span>;
  return (
    <span class="masked">
      <span aria-hidden="true">{dots}</span>
      <span class="unseen">{page.text.accounts.ending(ending)}</span>
    </span>
  );
}
