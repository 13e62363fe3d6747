import type { RunResult } from '../run/run-attacks.ts';
import type { Language } from '../run/text.ts';
import { say } from '../run/text.ts';
import { wrap } from './display-width.ts';
import type { Terminal } from './palette.ts';
import { paletteOf } from './palette.ts';
import { tally } from './tally.ts';

/** What the audience should take home, and what the exit code will say. */
export function summaryLines(run: RunResult, language: Language, terminal: Terminal): readonly string[] {
  const { refused, open } = paletteOf(terminal);
  const paint = run.exitCode === 0 ? refused : open;
  return wrap(say(sentence(run), language), terminal.width).map((line) => paint(line));
}

function sentence(run: RunResult) {
  const { played, refused, stolen, inconclusive, brokenControls } = tally(run.results);
  if (run.exitCode === 0)
    return {
      en: `${played} attacks: every one stole from the control group and was refused by the real stack, and the honest client was served throughout.`,
      ja: `${played}件の攻撃：すべて対照群では成功し、本物のシステムでは拒否されました。正規クライアントは常に利用できました。`,
    };
  return {
    en: `${played} attacks: ${refused} refused, ${stolen} stolen, ${inconclusive} inconclusive, ${brokenControls} controls broken. This run proves nothing until it is clean.`,
    ja: `${played}件の攻撃：拒否 ${refused}、盗難 ${stolen}、判定不能 ${inconclusive}、対照群の故障 ${brokenControls}。すべて解消するまで、この結果は何の証明にもなりません。`,
  };
}
