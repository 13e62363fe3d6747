import type { Attempt, Honest, Shown, Step, Theft } from '../run/step.ts';
import { toldExchanges } from '../run/told-exchanges.ts';
import { WORDS } from '../terminal/words.ts';
import { describeAnswer } from '../wire/wire-answer.ts';
import { PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { words } from './page-view.ts';

/** One step of an attack, as a list item. */
export function StepItem({ view, step }: { view: PageView; step: Step }) {
  switch (step.kind) {
    case 'held':
      return (
        <li class="step held">
          <p class="what">{`${words(view, WORDS.inHand)}: ${words(view, step.what)}`}</p>
          {step.value === undefined ? null : <code>{step.value}</code>}
        </li>
      );
    case 'theft':
      return <TheftItem view={view} step={step} />;
    case 'attempt':
      return <AttemptItem view={view} step={step} />;
    case 'honest':
      return <HonestItem view={view} step={step} />;
    case 'unchanged':
      return (
        <li class={`step ${step.problem === undefined ? 'refused' : 'inconclusive'}`}>
          <p class="what">{`${words(view, WORDS.unchanged)}: ${words(view, step.what)}`}</p>
          {step.problem === undefined ? null : <p class="problem">{step.problem}</p>}
        </li>
      );
  }
}

function TheftItem({ view, step }: { view: PageView; step: Theft }) {
  const stolen = step.loot !== undefined;
  return (
    <li class={`step ${stolen ? 'stolen' : 'inconclusive'}`}>
      <p class="what">{titleOf(view, step)}</p>
      <Exchanges view={view} exchanges={step.exchanges} />
      <p class="word">{stolen ? `${words(view, WORDS.stolen)}: ${step.loot}` : words(view, WORDS.broken)}</p>
    </li>
  );
}

function AttemptItem({ view, step }: { view: PageView; step: Attempt }) {
  const { event } = step;
  return (
    <li class={`step ${step.outcome}`}>
      <p class="what">{titleOf(view, step)}</p>
      <Exchanges view={view} exchanges={step.exchanges} />
      <p class="word">{words(view, WORDS[step.outcome])}</p>
      {event?.reason === undefined ? null : (
        <p class="reason">
          <code>{event.reason}</code> <small>{`${words(view, PAGE_WORDS.audit)} ${event.by}`}</small>
        </p>
      )}
      {event?.expectedThumbprint === undefined ? null : (
        <Thumbprints view={view} expected={event.expectedThumbprint} presented={event.presentedThumbprint} />
      )}
      {step.problem === undefined ? null : <p class="problem">{step.problem}</p>}
    </li>
  );
}

function HonestItem({ view, step }: { view: PageView; step: Honest }) {
  const word = words(view, step.works ? WORDS.works : WORDS.fails);
  return (
    <li class={`step ${step.works ? 'refused' : 'inconclusive'}`}>
      <p class="what">{`${words(view, WORDS.honest)}: ${words(view, step.what)}`}</p>
      <p class="word">{`${word} · ${describeAnswer(step.shown.answer)}`}</p>
    </li>
  );
}

/** The whole explanation of a failed binding: two fingerprints of two keys, one above the other. */
function Thumbprints({
  view,
  expected,
  presented,
}: {
  view: PageView;
  expected: string;
  presented: string | undefined;
}) {
  return (
    <dl class="prints">
      <dt>{words(view, WORDS.tokenHolds)}</dt>
      <dd>
        <code>{expected}</code>
      </dd>
      <dt>{words(view, WORDS.connectionShows)}</dt>
      <dd>
        <code>{presented ?? words(view, WORDS.noCertificate)}</code>
      </dd>
    </dl>
  );
}

function Exchanges({ view, exchanges }: { view: PageView; exchanges: readonly Shown[] }) {
  const { told, more } = toldExchanges(exchanges);
  return (
    <>
      {told.map((shown) => (
        <Exchange view={view} shown={shown} />
      ))}
      {more === 0 ? null : <p class="by">{`+${more} ${words(view, WORDS.andMore)}`}</p>}
    </>
  );
}

function Exchange({ view, shown }: { view: PageView; shown: Shown }) {
  const { sent, answer } = shown;
  const certificate = sent.thumbprint ?? words(view, WORDS.noCertificate);
  const challenge =
    answer.kind === 'http' && answer.challenge !== undefined ? [`WWW-Authenticate: ${answer.challenge}`] : [];
  const lines = [sent.line, ...sent.headers, ...sent.form, '', `→ ${describeAnswer(answer)}`, ...challenge];
  return (
    <>
      <p class="by">
        {sent.caller} <small>{`${words(view, WORDS.certificate)}: ${certificate}`}</small>
      </p>
      <pre class="wire">{lines.join('\n')}</pre>
    </>
  );
}

function titleOf(view: PageView, step: Theft | Attempt): string {
  return step.variant === '' ? words(view, step.what) : `(${step.variant}) ${words(view, step.what)}`;
}
