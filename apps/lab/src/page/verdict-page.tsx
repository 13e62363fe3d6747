import type { Requirement, RequirementSection } from '../verdict/requirement-list.ts';
import type { Standing } from '../verdict/run-verdict.ts';
import { countStandings } from '../verdict/run-verdict.ts';
import { sightOf } from '../verdict/told-verdict.ts';
import { SECTION_TITLES, STANDINGS, VERDICT_WORDS } from '../verdict/verdict-words.ts';
import { Layout } from './layout.tsx';
import { PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { isBusy, words } from './page-view.ts';
import type { VerdictBoard } from './verdict-board.ts';

export interface VerdictView extends PageView {
  readonly board: Pick<VerdictBoard, 'sections' | 'verdictOf' | 'away'>;
}

/** Every requirement, with how it stands and what proves it. */
export function VerdictPage({ view }: { view: VerdictView }) {
  const { away, sections } = view.board;
  return (
    <Layout view={view} title={words(view, PAGE_WORDS.verdict)}>
      <section class="opening">
        <h1>{words(view, PAGE_WORDS.verdictHeadline)}</h1>
        <p class="lede">{words(view, PAGE_WORDS.verdictLede)}</p>
        <div class="actions">
          <AskButton view={view} section="all" label={words(view, PAGE_WORDS.askAll)} />
          <NowAskingLine view={view} />
        </div>
        {away === undefined ? null : (
          <div class="notice" role="alert">
            <p>{words(view, PAGE_WORDS.awayVerdict)}</p>
            <p>{away}</p>
          </div>
        )}
        <Mosaic view={view} />
      </section>
      {sections.map((section) => (
        <SectionOfLines view={view} section={section} />
      ))}
    </Layout>
  );
}

/** Every line as one square, a row for each section. */
function Mosaic({ view }: { view: VerdictView }) {
  return (
    <nav class="mosaic" aria-label={words(view, PAGE_WORDS.verdictMap)}>
      {view.board.sections.map((section) => (
        <div class="mosaic-row">
          <a class="mosaic-name" href={`#${section.prefix.toLowerCase()}`}>
            {titleOf(view, section)}
          </a>
          <ol>
            {section.lines.map((line) => {
              const mark = markOf(view, line);
              const spoken = `${line.id}: ${spokenMark(view, mark)}`;
              return (
                <li>
                  <a href={`#${line.id.toLowerCase()}`} class={`square ${mark}`} aria-label={spoken} title={spoken} />
                </li>
              );
            })}
          </ol>
        </div>
      ))}
    </nav>
  );
}

function SectionOfLines({ view, section }: { view: VerdictView; section: RequirementSection }) {
  return (
    <section class="family" id={section.prefix.toLowerCase()}>
      <div class="section-head">
        <h2>{titleOf(view, section)}</h2>
        <p>{countsOf(view, section)}</p>
        <AskButton view={view} section={section.prefix} label={words(view, PAGE_WORDS.askSection)} />
      </div>
      {section.lines.map((line) => (
        <LineRow view={view} line={line} />
      ))}
    </section>
  );
}

function LineRow({ view, line }: { view: VerdictView; line: Requirement }) {
  const verdict = view.board.verdictOf(line);
  const mark = markOf(view, line);
  const sight = verdict === undefined ? [] : sightOf(verdict, view.language);
  return (
    <article class="line" id={line.id.toLowerCase()}>
      <div class="tale">
        <h3>
          <span class="id">{line.id}</span>
          <span lang="en">{withCode(line.text)}</span>
        </h3>
        <p class="clauses">
          {line.clauses.length === 0 ? words(view, VERDICT_WORDS.ownRule) : null}
          {line.clauses.map(({ clause, url }) => (
            <a href={url} rel="noreferrer">
              {clause}
            </a>
          ))}
        </p>
      </div>
      <div class={`plate ${mark}`}>
        <p class="plate-word">{spokenMark(view, mark)}</p>
        {sight.map((text) => (
          <p class="plate-line">{text}</p>
        ))}
      </div>
      <Proofs view={view} line={line} />
    </article>
  );
}

/** The first test in full, the others on demand; and the code that enforces the line. */
function Proofs({ view, line }: { view: VerdictView; line: Requirement }) {
  const [first, ...more] = line.tests;
  return (
    <div class="proofs" lang="en">
      {first === undefined ? null : <Proof test={first} />}
      {more.length + line.code.length === 0 ? null : (
        <details>
          <summary lang={view.language}>{words(view, PAGE_WORDS.moreProof)}</summary>
          {more.map((test) => (
            <Proof test={test} />
          ))}
          {line.code.map((file) => (
            <p>
              <code>{file}</code>
            </p>
          ))}
        </details>
      )}
    </div>
  );
}

function Proof({ test }: { test: Requirement['tests'][number] }) {
  return (
    <p>
      {test.title} <code>{test.file}</code>
    </p>
  );
}

function AskButton({ view, section, label }: { view: PageView; section: string; label: string }) {
  return (
    <form method="post" action="/verdicts" class="play">
      <input type="hidden" name="section" value={section} />
      <input type="hidden" name="language" value={view.language} />
      <button type="submit" disabled={isBusy(view)}>
        {label}
      </button>
    </form>
  );
}

function NowAskingLine({ view }: { view: PageView }) {
  const { asking } = view;
  if (asking === undefined) return null;
  const { requirement, done, of } = asking;
  return (
    <p class="now" role="status">
      {`${words(view, VERDICT_WORDS.asking)} ${done + 1}/${of} · ${requirement.id}`}
    </p>
  );
}

type Mark = Standing | 'idle' | 'playing';

function markOf(view: VerdictView, line: Requirement): Mark {
  if (view.asking?.requirement.id === line.id) return 'playing';
  return view.board.verdictOf(line)?.standing ?? 'idle';
}

function spokenMark(view: PageView, mark: Mark): string {
  if (mark === 'idle') return words(view, PAGE_WORDS.notAsked);
  return words(view, mark === 'playing' ? VERDICT_WORDS.asking : STANDINGS[mark]);
}

const titleOf = (view: PageView, { prefix, title }: RequirementSection): string =>
  words(view, SECTION_TITLES[prefix] ?? { en: title, ja: title });

function countsOf(view: VerdictView, { lines }: RequirementSection): string {
  const known = lines.map((line) => view.board.verdictOf(line)).filter((verdict) => verdict !== undefined);
  const counts = Object.entries(countStandings(known)).filter(([, count]) => count > 0);
  return counts.map(([standing, count]) => `${words(view, STANDINGS[standing as Standing])} ${count}`).join(' · ');
}

/** Words between backticks are words of the protocol. */
const withCode = (text: string) => text.split('`').map((part, place) => (place % 2 === 0 ? part : <code>{part}</code>));
