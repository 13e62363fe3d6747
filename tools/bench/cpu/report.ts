import { styleText } from 'node:util';
import type { Measured } from './measure.ts';
import { judge, summarize } from './ratio.ts';
import type { Goal, Verdict } from './ratio.ts';
import { contenderNames } from './scenario.ts';
import type { ContenderName, NamedScenario } from './scenario.ts';
import { table } from './table.ts';

/** The goals of every scenario. Our choice. */
export const goals = [
  { against: 'bare', atMost: 1.5 },
  { against: 'oidc-provider', atMost: 0.55 },
] as const satisfies readonly (Goal & { readonly against: ContenderName })[];

export interface Played {
  readonly scenario: NamedScenario;
  readonly measured: Measured;
}

/** The verdicts of one scenario, for every goal whose other side took part. */
export function verdictsOf({ costs }: Measured): readonly Verdict[] {
  const own = costs.get('holdfast');
  if (own === undefined) return [];
  return goals.flatMap((goal) => {
    const others = costs.get(goal.against);
    return others === undefined ? [] : [judge(goal, own, others)];
  });
}

/** The whole report: the table, then a line for whatever is missing or missed, then what to know when reading it. */
export function report(played: readonly Played[]): readonly string[] {
  const counted = played.filter(({ measured }) => measured.costs.has('holdfast'));
  return [
    'CPU of the server for one operation, in milliseconds: median over the rounds (least).',
    'Ratios: median over the rounds (the middle half of them).',
    '',
    ...table(
      ['', ...contenderNames, ...goals.map(({ against, atMost }) => `of ${against} (≤ ${atMost.toFixed(2)})`)],
      counted.map(row),
    ),
    ...section(played.flatMap(absences)),
    ...section(counted.flatMap(missed)),
    ...section(played.flatMap(({ scenario }) => scenario.notes.map((note) => `${scenario.title}: ${note}`))),
  ];
}

function row({ scenario, measured }: Played): readonly string[] {
  const verdicts = verdictsOf(measured);
  return [
    scenario.title,
    ...contenderNames.map((name) => costCell(measured.costs.get(name))),
    ...goals.map(({ against }) => verdictCell(verdicts.find((verdict) => verdict.against === against))),
  ];
}

function costCell(costs: readonly number[] | undefined): string {
  if (costs === undefined) return '–';
  const { min, median } = summarize(costs);
  return `${median.toFixed(3)} (${min.toFixed(3)})`;
}

function verdictCell(verdict: Verdict | undefined): string {
  if (verdict === undefined) return '–';
  const { low, high } = verdict.spread;
  const text = `${verdict.ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}) ${verdict.met ? '✔' : '✖'}`;
  return styleText(verdict.met ? 'green' : 'red', text);
}

const absences = ({ scenario, measured }: Played): string[] =>
  [...measured.absent].map(([name, why]) =>
    name === 'holdfast' ? `${scenario.title}: skipped, for ${why}` : `${scenario.title}: without ${name}, for ${why}`,
  );

const missed = ({ scenario, measured }: Played): string[] =>
  verdictsOf(measured)
    .filter(({ met }) => !met)
    .map(
      ({ against, atMost, ratio }) =>
        `missed: ${scenario.title} takes ${ratio.toFixed(2)} of ${against}; the goal is ${atMost.toFixed(2)} at most`,
    );

const section = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);
