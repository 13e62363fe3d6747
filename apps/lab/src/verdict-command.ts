import { resolve } from 'node:path';
import { readLabConfig } from './config.ts';
import type { Language, Text } from './run/text.ts';
import { say } from './run/text.ts';
import { wrap } from './terminal/display-width.ts';
import { LiveLine } from './terminal/live-line.ts';
import type { Terminal } from './terminal/palette.ts';
import { paletteOf } from './terminal/palette.ts';
import { verdictReport } from './terminal/verdict-report.ts';
import { VerdictTable } from './terminal/verdict-table.ts';
import { PROBES } from './verdict/all-probes.ts';
import { openWorld } from './verdict/open-world.ts';
import type { RequirementSection } from './verdict/requirement-list.ts';
import { linesNamed, readRequirementList } from './verdict/requirement-list.ts';
import type { VerdictAudience, VerdictPlan, VerdictRun } from './verdict/run-verdict.ts';
import { countStandings, runVerdict } from './verdict/run-verdict.ts';
import { VERDICT_WORDS } from './verdict/verdict-words.ts';

export interface VerdictOptions {
  readonly config: string;
  readonly home: string;
  readonly json: boolean;
  readonly lang: Language;
}

/**
 * Asks the running platform for every requirement that can be asked for, and tells about all of them.
 *
 * @param names lines or sections, such as `PAR-02` or `TOK`; everything when empty
 * @returns the exit code: 0 only when every line was seen to hold, or is proven by tests
 * @throws LabSetupError, or Error for an unknown name
 */
export async function verdictCommand(
  names: readonly string[],
  options: VerdictOptions,
  terminal: Terminal,
): Promise<0 | 1> {
  const sections = linesNamed(readRequirementList(), names);
  const config = readLabConfig(options.config);
  const startedAt = new Date();
  const world = await openWorld(config, resolve(options.home));
  const away = 'away' in world ? world.away : undefined;
  if (away !== undefined && !options.json) terminal.write(`${away}\n\n`);
  const run = await ask({ sections, probes: PROBES, world }, options, terminal);
  if (options.json) terminal.write(verdictReport(run, { issuer: config.issuer, startedAt, away }));
  return run.exitCode;
}

async function ask(plan: VerdictPlan, { json, lang }: VerdictOptions, terminal: Terminal): Promise<VerdictRun> {
  try {
    if (json) return await runVerdict(plan);
    const run = await runVerdict(plan, tableOn(terminal, lang, plan.sections));
    const { refused, open } = paletteOf(terminal);
    const paint = run.exitCode === 0 ? refused : open;
    for (const line of wrap(say(sentence(run), lang), terminal.width)) terminal.write(`${paint(line)}\n`);
    return run;
  } finally {
    if (!('away' in plan.world)) await plan.world.tidyUp();
  }
}

function tableOn(terminal: Terminal, lang: Language, sections: readonly RequirementSection[]): VerdictAudience {
  const table = new VerdictTable(terminal, lang);
  const live = new LiveLine(terminal);
  const sectionOf = (id: string) => sections.find(({ lines }) => lines.some((line) => line.id === id));
  const told: Parameters<VerdictTable['count']>[0][number][] = [];
  return {
    begins(requirement, done, of) {
      const section = sectionOf(requirement.id);
      if (section?.lines[0] === requirement) terminal.write(table.section(section));
      live.show(`${done + 1}/${of} ${say(VERDICT_WORDS.asking, lang)} ${requirement.id}`);
    },
    ends(verdict) {
      live.clear();
      terminal.write(table.row(verdict));
      told.push(verdict);
      if (sectionOf(verdict.requirement.id)?.lines.at(-1) === verdict.requirement)
        terminal.write(table.count(told.splice(0)));
    },
  };
}

function sentence({ verdicts, exitCode }: VerdictRun): Text {
  const { passed, failed, unclear, tested, open } = countStandings(verdicts);
  if (exitCode === 0)
    return {
      en: `${verdicts.length} requirements: ${passed} seen to hold on the running platform, ${tested} proven by tests.`,
      ja: `${verdicts.length}件の要件：稼働中のシステムで確認 ${passed}、テストで証明 ${tested}。`,
    };
  return {
    en: `${verdicts.length} requirements: ${passed} seen to hold, ${tested} proven by tests, ${failed} FAILED, ${unclear} unclear, ${open} not yet. This is no clean verdict.`,
    ja: `${verdicts.length}件の要件：確認 ${passed}、テストで証明 ${tested}、不適合 ${failed}、判定不能 ${unclear}、未対応 ${open}。すべて満たされてはいません。`,
  };
}
