import { CATALOGUE } from '../attacks/catalogue.ts';
import type { Attack } from '../run/attack.ts';
import type { Half } from '../run/step.ts';
import { WORDS } from '../terminal/words.ts';
import { Layout, PlayButton } from './layout.tsx';
import { AwayNotice, NowPlayingLine } from './overview-page.tsx';
import { PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { attackPath, link, words } from './page-view.ts';
import { StepItem } from './step-item.tsx';
import { marksOf, spokenMark } from './tally-strip.tsx';

/** One attack, one beat: made for a projector. */
export function AttackPage({ view, attack }: { view: PageView; attack: Attack }) {
  const result = view.resultOf(attack);
  const problems = result?.verdict.problems ?? [];
  return (
    <Layout view={view} title={`${attack.id} ${words(view, attack.title)}`}>
      <section class="opening beat">
        <p class="id">{`${attack.id} · ${attack.slug}`}</p>
        <h1>{words(view, attack.title)}</h1>
        <p class="lede">{words(view, attack.story)}</p>
        <dl class="facts">
          <Fact name={words(view, WORDS.attacker)} value={attack.attacker} />
          <Fact name={words(view, WORDS.holds)} value={words(view, attack.holds)} />
          <Fact name={words(view, WORDS.clauses)} value={clausesOf(view, attack)} />
        </dl>
        <div class="actions">
          <PlayButton view={view} attack={attack.id} label={words(view, PAGE_WORDS.playThis)} />
          <NowPlayingLine view={view} />
        </div>
        <AwayNotice view={view} />
      </section>
      <div class="duel">
        <HalfColumn view={view} attack={attack} half="control" />
        <HalfColumn view={view} attack={attack} half="real" />
      </div>
      {problems.map((problem) => (
        <p class="notice">{words(view, problem)}</p>
      ))}
      <Neighbours view={view} attack={attack} />
    </Layout>
  );
}

function HalfColumn({ view, attack, half }: { view: PageView; attack: Attack; half: Half }) {
  const mark = marksOf(view, attack)[half];
  const name = half === 'control' ? PAGE_WORDS.control : PAGE_WORDS.real;
  return (
    <section class={`half ${half}`}>
      <h2>
        {words(view, name)}
        {half === 'control' ? <small>{words(view, PAGE_WORDS[attack.control])}</small> : null}
      </h2>
      <p class={`stamp ${mark}`}>{spokenMark(view, mark)}</p>
      <ol class="steps">
        {stepsOf(view, attack, half).map((step) => (
          <StepItem view={view} step={step} />
        ))}
      </ol>
    </section>
  );
}

/** Of a finished attack its result; of the one being played, what has happened in this half so far. */
function stepsOf(view: PageView, attack: Attack, half: Half) {
  const result = view.resultOf(attack);
  if (result !== undefined) return result[half].steps;
  const { playing } = view;
  if (playing?.attack.id !== attack.id) return [];
  return playing.steps.filter(({ half: where }) => where === half).map(({ step }) => step);
}

function clausesOf(view: PageView, { clauses }: Attack): string {
  return clauses.length === 0 ? words(view, WORDS.ownRule) : clauses.join('  ');
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Neighbours({ view, attack }: { view: PageView; attack: Attack }) {
  const at = CATALOGUE.indexOf(attack);
  const [before, after] = [CATALOGUE[at - 1], CATALOGUE[at + 1]];
  return (
    <nav class="neighbours" aria-label={words(view, PAGE_WORDS.allAttacks)}>
      {before === undefined ? (
        <span />
      ) : (
        <NeighbourLink view={view} attack={before} label={words(view, PAGE_WORDS.previous)} />
      )}
      <a href={link(view, '/')}>{words(view, PAGE_WORDS.allAttacks)}</a>
      {after === undefined ? (
        <span />
      ) : (
        <NeighbourLink view={view} attack={after} label={words(view, PAGE_WORDS.next)} />
      )}
    </nav>
  );
}

function NeighbourLink({ view, attack, label }: { view: PageView; attack: Attack; label: string }) {
  return (
    <a href={link(view, attackPath(attack))}>
      <small>{label}</small> {`${attack.id} ${words(view, attack.title)}`}
    </a>
  );
}
