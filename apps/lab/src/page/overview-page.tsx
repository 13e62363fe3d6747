import { CATALOGUE } from '../attacks/catalogue.ts';
import type { Attack } from '../run/attack.ts';
import { summarize } from '../terminal/result-summary.ts';
import { Layout, PlayButton } from './layout.tsx';
import { FAMILIES, PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { attackPath, link, words } from './page-view.ts';
import type { Mark } from './tally-strip.tsx';
import { marksOf, spokenMark, TallyStrip } from './tally-strip.tsx';

/** All attacks, with what is known of them so far. */
export function OverviewPage({ view }: { view: PageView }) {
  return (
    <Layout view={view} title={words(view, PAGE_WORDS.lab)}>
      <section class="opening">
        <h1>{words(view, PAGE_WORDS.headline)}</h1>
        <p class="lede">{words(view, PAGE_WORDS.lede)}</p>
        <div class="actions">
          <PlayButton view={view} attack="all" label={words(view, PAGE_WORDS.playAll)} />
          <NowPlayingLine view={view} />
        </div>
        <AwayNotice view={view} />
        <TallyStrip view={view} />
      </section>
      {Object.entries(FAMILIES).map(([letter, name]) => (
        <section class="family">
          <h2>{words(view, name)}</h2>
          {CATALOGUE.filter(({ id }) => id.startsWith(letter)).map((attack) => (
            <AttackRow view={view} attack={attack} />
          ))}
        </section>
      ))}
    </Layout>
  );
}

export function NowPlayingLine({ view }: { view: PageView }) {
  const { playing } = view;
  if (playing === undefined) return null;
  const step = playing.steps.at(-1)?.step;
  const detail = step === undefined ? words(view, playing.attack.title) : words(view, step.what);
  return (
    <p class="now" role="status">
      {`${words(view, PAGE_WORDS.playing)} ${playing.done + 1}/${playing.of} · ${playing.attack.id} · ${detail}`}
    </p>
  );
}

export function AwayNotice({ view }: { view: PageView }) {
  if (view.away === undefined) return null;
  return (
    <div class="notice" role="alert">
      <p>{words(view, PAGE_WORDS.away)}</p>
      <p>{view.away}</p>
    </div>
  );
}

function AttackRow({ view, attack }: { view: PageView; attack: Attack }) {
  const { control, real } = marksOf(view, attack);
  const result = view.resultOf(attack);
  const summary = result && summarize(result, view.language);
  const refused = [...(summary?.answers ?? []), ...(summary?.reasons ?? [])];
  return (
    <article class="attack" id={attack.id.toLowerCase()}>
      <div class="tale">
        <h3>
          <a href={link(view, attackPath(attack))}>
            <span class="id">{attack.id}</span> {words(view, attack.title)}
          </a>
        </h3>
        <p>{words(view, attack.story)}</p>
      </div>
      <Plate view={view} name={words(view, PAGE_WORDS[attack.control])} mark={control} lines={summary?.loot ?? []} />
      <Plate
        view={view}
        name={words(view, PAGE_WORDS.real)}
        mark={real}
        lines={[...refused, ...(summary?.problems ?? [])]}
      />
      <PlayButton view={view} attack={attack.id} label={words(view, PAGE_WORDS.play)} />
    </article>
  );
}

/** One half of the duel, as a plate with a word on it. */
export function Plate(props: { view: PageView; name: string; mark: Mark; lines: readonly string[] }) {
  const { view, name, mark, lines } = props;
  return (
    <div class={`plate ${mark}`}>
      <p class="plate-name">{name}</p>
      <p class="plate-word">{spokenMark(view, mark)}</p>
      {lines.map((line) => (
        <p class="plate-line">{line}</p>
      ))}
    </div>
  );
}
