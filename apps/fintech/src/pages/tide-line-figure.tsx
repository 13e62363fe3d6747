import type { TideLine } from '../accounts/tide-line.ts';
import type { PageContext } from './page-context.ts';

/** The balance as a water surface; the caption says in words what the picture shows. */
export function TideLineFigure({ page, tide }: { page: PageContext; tide: TideLine }) {
  const { account } = page.text;
  const { money, day } = page.format;
  return (
    <figure class="tide">
      <svg viewBox={`0 0 ${tide.width} ${tide.height}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="tide-water" d={tide.water} />
        {tide.zero === undefined ? null : (
          <line class="tide-zero" x1="0" x2={tide.width} y1={tide.zero} y2={tide.zero} />
        )}
        <path class="tide-surface" d={tide.surface} />
      </svg>
      <figcaption>
        <b>{account.tide}</b>{' '}
        {account.tideSummary(money(tide.low.balance), day(tide.low.at), money(tide.high.balance), day(tide.high.at))}
      </figcaption>
    </figure>
  );
}
