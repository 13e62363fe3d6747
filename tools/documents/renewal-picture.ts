import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';

// Draws docs/images/renewal.svg from what apps/e2e/src/apart/renewal.spec.ts has recorded in its last run:
//   node_modules/.bin/node --conditions=@holdfast/source tools/documents/renewal-picture.ts

interface Life {
  /** Seconds since the load began. */
  readonly from: number;
  readonly until: number;
}

export interface Recording {
  readonly seconds: number;
  readonly certificates: Readonly<Record<string, readonly Life[]>>;
  readonly phases: readonly { readonly name: string; readonly from: number; readonly until: number }[];
  readonly marks: readonly { readonly name: string; readonly at: number }[];
  readonly calls: readonly { readonly at: number; readonly failed: boolean }[];
}

const [WIDTH, LEFT, RIGHT, TOP, ROW, BARS] = [960, 232, 24, 92, 26, 70];

/** The picture: a row of each certificate, a mark at each renewal, the rotations behind them, the calls of each second below. */
export function renewalPicture({ seconds, certificates, phases, marks, calls }: Recording): string {
  const x = (at: number): number => round(LEFT + (Math.min(at, seconds) / seconds) * (WIDTH - LEFT - RIGHT));
  const rows = Object.entries(certificates);
  const bottom = TOP + rows.length * ROW + 14;
  const height = bottom + BARS + 46;
  const failed = calls.filter((call) => call.failed).length;
  const bands = phases.flatMap(({ name, from, until }) => [
    rect('band', x(from), TOP - 30, x(until) - x(from) - 3, bottom + BARS - TOP + 30),
    ...name.split(/ (?=of )/).map((part, line) => text('phase', x(from) + 8, TOP - 16 + line * 15, part)),
  ]);
  const lives = rows.flatMap(([name, seen], at) => {
    const y = TOP + at * ROW;
    const ends = seen.map(({ from }, nth) => [from, seen[nth + 1]?.from ?? seconds] as const);
    const bars = ends.map(([from, to], nth) =>
      rect(nth % 2 === 0 ? 'one' : 'two', x(from), y + 4, x(to) - x(from), ROW - 10),
    );
    return [text('name', LEFT - 12, y + ROW - 9, name, 'end'), ...bars];
  });
  const lines = marks.flatMap(({ name, at }) => [
    rect('mark', x(at), TOP - 8, 1.5, bottom + BARS - TOP + 8),
    text('phase', x(at) - 6, TOP - 1, name, 'end'),
  ]);
  const perSecond = callsPerSecond(calls, seconds);
  const highest = Math.max(...perSecond.map(({ good, bad }) => good + bad));
  const tall = (count: number): number => round((count / highest) * BARS);
  const loads = perSecond.flatMap(({ good, bad }, second) => [
    rect('good', x(second) + 0.5, bottom + BARS - tall(good), x(second + 1) - x(second) - 1, tall(good)),
    ...(bad === 0 ? [] : [rect('bad', x(second), bottom + BARS - tall(good + bad), 4, tall(bad))]),
  ]);
  const ticks = Array.from({ length: Math.floor(seconds / 10) + 1 }, (_, nth) =>
    text('tick', x(nth * 10), bottom + BARS + 18, `${nth * 10} s`, 'middle'),
  );
  const title = `${calls.length} calls, ${failed} failed`;
  const what = `${rows.length} certificates that live 24 seconds, each renewed ${spread(rows.map(([, seen]) => seen.length - 1))} times`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}; ${what}" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">`,
    STYLE,
    rect('ground', 0, 0, WIDTH, height),
    text('title', 24, 34, title),
    text('note', 24, 54, `${what}, while an intermediate, a root and the signing key are replaced`),
    ...bands,
    ...lives,
    ...loads,
    ...lines,
    text('name', LEFT - 12, bottom + BARS - 4, 'calls per second', 'end'),
    ...ticks,
    '</svg>\n',
  ].join('\n');
}

const STYLE = `<style>
.ground { fill: #fbfaf7 } .title { font-size: 20px; font-weight: 650; fill: #17222c } .note, .tick { font-size: 13px; fill: #4b5a67 }
.name, .phase { font-size: 13px; fill: #17222c } .phase { font-weight: 600 } .band { fill: #2f6db5; opacity: .1 }
.one { fill: #3c7d4d } .two { fill: #7fb08c } .good { fill: #8fa0ae } .bad { fill: #a02a44 } .mark { fill: #b0541d }
@media (prefers-color-scheme: dark) {
.ground { fill: #12181e } .title, .name, .phase { fill: #eef3f7 } .note, .tick { fill: #a9b7c2 } .band { fill: #6ea6e6; opacity: .14 }
.one { fill: #5fae76 } .two { fill: #35694a } .good { fill: #5b6b78 } .bad { fill: #ef7b93 } .mark { fill: #e39a63 }
}
</style>`;

function callsPerSecond(calls: Recording['calls'], seconds: number): readonly { good: number; bad: number }[] {
  const counts = Array.from({ length: Math.ceil(seconds) }, () => ({ good: 0, bad: 0 }));
  for (const { at, failed } of calls) {
    const count = counts[Math.min(Math.floor(at), counts.length - 1)];
    if (count !== undefined) count[failed ? 'bad' : 'good'] += 1;
  }
  return counts;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const rect = (name: string, x: number, y: number, width: number, height: number): string =>
  `<rect class="${name}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`;

const text = (name: string, x: number, y: number, content: string, anchor = 'start'): string =>
  `<text class="${name}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${content}</text>`;

function spread(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

if (import.meta.main) {
  const recording = JSON.parse(
    readFileSync(join(workspaceRoot, 'apps/e2e/test-results/renewal.json'), 'utf8'),
  ) as Recording;
  writeFileSync(join(workspaceRoot, 'docs/images/renewal.svg'), renewalPicture(recording));
}
