import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE } from '../attacks/catalogue.ts';
import type { ControlGroup } from '../control-group/control-group.ts';
import { startControlGroup } from '../control-group/control-group.ts';
import type { RunResult } from '../run/run-attacks.ts';
import { runAttacks } from '../run/run-attacks.ts';
import { AttackTable } from './attack-table.ts';
import { displayWidth, wrap } from './display-width.ts';
import { jsonReport } from './json-report.ts';
import type { Terminal } from './palette.ts';
import { terminalOf } from './palette.ts';
import { StepByStep } from './step-by-step.ts';
import { summaryLines } from './summary.ts';

const screen = (width: number, colours = false) => {
  let text = '';
  const terminal: Terminal = { write: (more) => void (text += more), isTerminal: colours, width, colours };
  return { terminal, shown: () => text };
};

describe('what is printed about a run', () => {
  let group: ControlGroup;
  let run: RunResult;
  let story: string;

  beforeAll(async () => {
    group = await startControlGroup();
    const { terminal, shown } = screen(160);
    const teller = new StepByStep(terminal, 'en');
    const real = { away: 'not started' };
    run = await runAttacks(
      CATALOGUE,
      { control: group, real },
      {
        begins: (attack) => teller.begins(attack),
        sees: (attack, half, step) => teller.sees(attack, half, step),
        ends: (result) => teller.ends(result),
      },
    );
    story = shown();
  });
  afterAll(() => group.close());

  it.each([
    ['en', 40],
    ['en', 80],
    ['en', 120],
    ['ja', 60],
    ['ja', 140],
  ] as const)('fits a terminal: %s, %i columns', (language, width) => {
    for (const colours of [false, true]) {
      const table = new AttackTable({ width, colours }, language);
      const text = table.header() + run.results.map((result) => table.row(result)).join('');
      for (const line of stripVTControlCharacters(text).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  it('names attack, control, loot and verdict in every row', () => {
    const table = new AttackTable({ width: 120, colours: false }, 'en');
    const row = table.row(run.results[1]!);
    for (const text of ['T02', 'naive-mtls', 'STOLEN', 'Alice: 8412.50 EUR', 'INCONCLUSIVE'])
      expect(row).toContain(text);
    expect(row).not.toMatch(/\u001b/);
  });

  it('holds nothing that looks like a token, code or secret; thumbprints alone are that random', () => {
    const json = jsonReport(run, { issuer: 'https://auth.localhost:9443', startedAt: new Date(0), away: undefined });
    const thumbprints = new Set(
      run.results.flatMap(({ control }) =>
        control.steps.flatMap((step) =>
          step.kind === 'theft' ? step.exchanges.map(({ sent }) => sent.thumbprint) : [],
        ),
      ),
    );
    // Base64url of 128 bits and more.
    const random = (text: string) =>
      [...text.matchAll(/(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{22,}/g)]
        .map(([match]) => match)
        .filter((match) => !thumbprints.has(match));
    expect(thumbprints.size).toBeGreaterThan(5);
    expect(random(json)).toEqual([]);
    expect(random(story)).toEqual([]);
  });

  it('says what the exit code says', () => {
    expect(run.exitCode).toBe(1);
    expect(summaryLines(run, 'en', screen(200).terminal).join(' ')).toContain(`${CATALOGUE.length} inconclusive`);
    expect(JSON.parse(jsonReport(run, { issuer: 'i', startedAt: new Date(0), away: 'x' }))).toMatchObject({
      exitCode: 1,
      summary: { played: CATALOGUE.length, inconclusive: CATALOGUE.length, brokenControls: 0 },
    });
  });
});

describe('a terminal', () => {
  it('gets no colours in a pipe, none when NO_COLOR is set, and no width beyond reason', () => {
    const stream = (isTTY: boolean, columns?: number) => ({ isTTY, columns }) as NodeJS.WriteStream;
    expect(terminalOf(stream(false), {}).colours).toBe(false);
    expect(terminalOf(stream(true), { NO_COLOR: '1' }).colours).toBe(false);
    expect(terminalOf(stream(true), {}).colours).toBe(true);
    expect(terminalOf(stream(true, 12), {}).width).toBe(40);
    expect(terminalOf(stream(true, 400), {}).width).toBe(160);
  });

  it('counts Japanese in double columns and breaks it anywhere, but not before a full stop', () => {
    expect(displayWidth('鍵 key')).toBe(6);
    expect(wrap('一二三。四', 6)).toEqual(['一二', '三。四']);
    expect(wrap('a verylongword b', 6)).toEqual(['a', 'verylo', 'ngword', 'b']);
  });
});
