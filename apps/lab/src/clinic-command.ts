import { resolve } from 'node:path';
import { PATIENTS } from '@holdfast/mtls/clinic';
import { CLINIC_WORDS } from './clinic/clinic-words.ts';
import type { Clinic } from './clinic/open-clinic.ts';
import { openClinic } from './clinic/open-clinic.ts';
import { runClinic } from './clinic/run-clinic.ts';
import type { Examined } from './clinic/examine.ts';
import { readLabConfig } from './config.ts';
import type { Language, Text } from './run/text.ts';
import { say } from './run/text.ts';
import { ClinicTable } from './terminal/clinic-table.ts';
import { wrap } from './terminal/display-width.ts';
import { LiveLine } from './terminal/live-line.ts';
import type { Terminal } from './terminal/palette.ts';
import { paletteOf } from './terminal/palette.ts';

export interface ClinicOptions {
  readonly config: string;
  readonly home: string;
  readonly json: boolean;
  readonly lang: Language;
}

/**
 * Shows every patient to the running platform and tells what it said.
 * @returns the exit code: 0 only when every patient got its code, from both doors and in the audit trail
 * @throws LabSetupError
 */
export async function clinicCommand({ config, home, json, lang }: ClinicOptions, terminal: Terminal): Promise<0 | 1> {
  const clinic = await openClinic(readLabConfig(config), resolve(home));
  if ('away' in clinic) {
    terminal.write(json ? `${JSON.stringify({ report: 'holdfast clinic', away: clinic.away })}\n` : `${clinic.away}\n`);
    return 1;
  }
  try {
    const seen = json ? await runClinic(clinic, PATIENTS) : await onTerminal(clinic, lang, terminal);
    if (json)
      terminal.write(`${JSON.stringify({ report: 'holdfast clinic', patients: seen.map(reportOf) }, undefined, 2)}\n`);
    return seen.every(({ problem }) => problem === undefined) ? 0 : 1;
  } finally {
    await clinic.close();
  }
}

async function onTerminal(clinic: Clinic, lang: Language, terminal: Terminal): Promise<readonly Examined[]> {
  const table = new ClinicTable(terminal, lang);
  const live = new LiveLine(terminal);
  terminal.write(table.head());
  const seen = await runClinic(clinic, PATIENTS, {
    begins: ({ id }, done, of) => live.show(`${done + 1}/${of} ${say(CLINIC_WORDS.examining, lang)} ${id}`),
    ends: (examined) => {
      live.clear();
      terminal.write(table.row(examined));
    },
  });
  const wrong = seen.filter(({ problem }) => problem !== undefined).length;
  const { refused, stolen } = paletteOf(terminal);
  const paint = wrong === 0 ? refused : stolen;
  for (const line of wrap(say(sentence(seen.length, wrong), lang), terminal.width)) terminal.write(`${paint(line)}\n`);
  return seen;
}

const sentence = (all: number, wrong: number): Text =>
  wrong === 0
    ? { en: `${all} patients, and every one got its code.`, ja: `患者${all}名、全員が正しいコードを受け取りました。` }
    : { en: `${all} patients, ${wrong} NOT as they should be.`, ja: `患者${all}名中、${wrong}名が期待と異なります。` };

function reportOf({ patient, onPaper, authorizationServer, bank, problem }: Examined) {
  const { id, what, code, foundAt } = patient;
  return { id, what: what.en, expected: { code, foundAt }, authorizationServer, bank, onPaper, problem };
}
