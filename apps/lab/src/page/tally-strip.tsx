import { CATALOGUE } from '../attacks/catalogue.ts';
import type { Attack } from '../run/attack.ts';
import { say } from '../run/text.ts';
import { WORDS } from '../terminal/words.ts';
import { PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { attackPath, link, words } from './page-view.ts';

/** How one half of one attack stands. */
export type Mark = 'idle' | 'playing' | 'stolen' | 'refused' | 'inconclusive';

export function marksOf(view: PageView, attack: Attack): { readonly control: Mark; readonly real: Mark } {
  const result = view.resultOf(attack);
  if (result !== undefined)
    return { control: result.verdict.controlStolen ? 'stolen' : 'inconclusive', real: result.verdict.outcome };
  if (view.playing?.attack.id !== attack.id) return { control: 'idle', real: 'idle' };
  if (view.playing.half === 'control') return { control: 'playing', real: 'idle' };
  const spared = view.playing.steps.some(({ step }) => step.kind === 'theft' && step.loot === undefined);
  return { control: spared ? 'inconclusive' : 'stolen', real: 'playing' };
}

/** Every attack as one column: above what the weak platform lost, below what the real one kept. */
export function TallyStrip({ view }: { view: PageView }) {
  return (
    <nav class="strip" aria-label={words(view, PAGE_WORDS.overviewLabel)}>
      <div class="strip-names" aria-hidden="true">
        <span>{words(view, PAGE_WORDS.control)}</span>
        <span>{words(view, PAGE_WORDS.real)}</span>
      </div>
      <ol>
        {CATALOGUE.map((attack) => (
          <Column view={view} attack={attack} />
        ))}
      </ol>
    </nav>
  );
}

function Column({ view, attack }: { view: PageView; attack: Attack }) {
  const { control, real } = marksOf(view, attack);
  const spoken = `${attack.id} ${words(view, attack.title)}: ${spokenMark(view, control)} / ${spokenMark(view, real)}`;
  return (
    <li>
      <a href={link(view, attackPath(attack))} aria-label={spoken} title={words(view, attack.title)}>
        <i class={`cell ${control}`} />
        <i class={`cell ${real}`} />
        <b>{attack.id}</b>
      </a>
    </li>
  );
}

export function spokenMark(view: PageView, mark: Mark): string {
  if (mark === 'idle') return words(view, PAGE_WORDS.notPlayed);
  if (mark === 'playing') return words(view, PAGE_WORDS.playing);
  return say(WORDS[mark], view.language);
}
