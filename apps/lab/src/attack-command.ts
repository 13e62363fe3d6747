import { resolve } from 'node:path';
import { attacksNamed } from './attacks/catalogue.ts';
import { readLabConfig } from './config.ts';
import { startControlGroup } from './control-group/control-group.ts';
import type { Attack } from './run/attack.ts';
import type { Audience, RunResult, Targets } from './run/run-attacks.ts';
import { runAttacks } from './run/run-attacks.ts';
import type { Language } from './run/text.ts';
import { say } from './run/text.ts';
import { findRealStack } from './targets.ts';
import { AttackTable } from './terminal/attack-table.ts';
import { jsonReport } from './terminal/json-report.ts';
import { LiveLine } from './terminal/live-line.ts';
import type { Terminal } from './terminal/palette.ts';
import { StepByStep } from './terminal/step-by-step.ts';
import { summaryLines } from './terminal/summary.ts';
import { WORDS } from './terminal/words.ts';

export interface AttackOptions {
  readonly config: string;
  readonly home: string;
  readonly json: boolean;
  readonly lang: Language;
}

/**
 * Plays attacks and tells about them: a table for many, a story for one, a document for machines.
 * @returns the exit code: 0 only when every attack was refused, every control stolen and every honest call served
 * @throws LabSetupError, or Error for an unknown attack id
 */
export async function attackCommand(
  ids: readonly string[],
  options: AttackOptions,
  terminal: Terminal,
): Promise<0 | 1> {
  const config = readLabConfig(options.config);
  const attacks = attacksNamed(ids, config.operator !== undefined);
  const startedAt = new Date();
  const control = await startControlGroup();
  try {
    const real = await findRealStack(config, resolve(options.home));
    const away = 'away' in real ? real.away : undefined;
    if (away !== undefined && !options.json) terminal.write(`${away}\n\n`);
    const run = await perform(attacks, { control, real }, options, terminal);
    if (options.json) terminal.write(jsonReport(run, { issuer: config.issuer, startedAt, away }));
    return run.exitCode;
  } finally {
    await control.close();
  }
}

function perform(
  attacks: readonly Attack[],
  targets: Targets,
  { json, lang }: AttackOptions,
  terminal: Terminal,
): Promise<RunResult> {
  if (json) return runAttacks(attacks, targets);
  return attacks.length === 1 ? tell(attacks, targets, lang, terminal) : tabulate(attacks, targets, lang, terminal);
}

function tell(attacks: readonly Attack[], targets: Targets, lang: Language, terminal: Terminal): Promise<RunResult> {
  const story = new StepByStep(terminal, lang);
  return runAttacks(attacks, targets, {
    begins: (attack) => story.begins(attack),
    sees: (attack, half, step) => story.sees(attack, half, step),
    ends: (result) => story.ends(result),
  });
}

async function tabulate(
  attacks: readonly Attack[],
  targets: Targets,
  lang: Language,
  terminal: Terminal,
): Promise<RunResult> {
  const table = new AttackTable(terminal, lang);
  const live = new LiveLine(terminal);
  const progress = (attack: Attack, detail: string): void =>
    live.show(`${attacks.indexOf(attack) + 1}/${attacks.length} ${attack.id} ${detail}`);
  const audience: Audience = {
    begins: (attack) => progress(attack, say(WORDS.playing, lang)),
    sees: (attack, half, step) =>
      progress(attack, `${say(half === 'control' ? WORDS.control : WORDS.real, lang)}: ${say(step.what, lang)}`),
    ends: (result) => {
      live.clear();
      terminal.write(table.row(result));
    },
  };
  terminal.write(table.header());
  const run = await runAttacks(attacks, targets, audience);
  for (const line of summaryLines(run, lang, terminal)) terminal.write(`${line}\n`);
  return run;
}
