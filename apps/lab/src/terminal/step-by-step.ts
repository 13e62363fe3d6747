import type { Attack } from '../run/attack.ts';
import type { AttackResult } from '../run/run-attacks.ts';
import type { Attempt, Half, Held, Honest, Shown, Step, Theft, Unchanged } from '../run/step.ts';
import type { Language, Text } from '../run/text.ts';
import { toldExchanges } from '../run/told-exchanges.ts';
import { say } from '../run/text.ts';
import { describeAnswer } from '../wire/wire-answer.ts';
import { displayWidth, padded, wrap } from './display-width.ts';
import type { Paint, Palette, Terminal } from './palette.ts';
import { paletteOf } from './palette.ts';
import { WORDS } from './words.ts';

const INDENT = '  ';
const plain: Paint = (text) => text;

/** Tells one attack as it happens: what was taken, what was sent, what came back, why, and that the honest client still works. */
export class StepByStep {
  readonly #terminal: Terminal;
  readonly #palette: Palette;
  readonly #language: Language;
  readonly #labelWidth: number;
  #half: Half | undefined;

  constructor(terminal: Terminal, language: Language) {
    this.#terminal = terminal;
    this.#palette = paletteOf(terminal);
    this.#language = language;
    const labels = [WORDS.tokenHolds, WORDS.connectionShows, WORDS.honest, WORDS.unchanged];
    this.#labelWidth = Math.max(...labels.map((label) => displayWidth(say(label, language)))) + 2;
  }

  begins(attack: Attack): void {
    const { heading, quiet } = this.#palette;
    this.#print(`${attack.id}  ${say(attack.title, this.#language)}`, heading);
    this.#print(say(attack.story, this.#language));
    this.#labelled(WORDS.attacker, attack.attacker, quiet);
    this.#labelled(WORDS.holds, say(attack.holds, this.#language), quiet);
    const clauses = attack.clauses.length === 0 ? say(WORDS.ownRule, this.#language) : attack.clauses.join(' ');
    this.#labelled(WORDS.clauses, clauses, quiet);
  }

  sees(attack: Attack, half: Half, step: Step): void {
    this.#enter(attack, half);
    switch (step.kind) {
      case 'held':
        return this.#held(step);
      case 'theft':
        return this.#theft(step);
      case 'attempt':
        return this.#attempt(step);
      case 'honest':
        return this.#honest(step);
      case 'unchanged':
        return this.#unchanged(step);
    }
  }

  ends({ attack, verdict, milliseconds }: AttackResult): void {
    this.#terminal.write('\n');
    const seconds = `${(milliseconds / 1000).toFixed(1)} ${say(WORDS.seconds, this.#language)}`;
    const control = say(verdict.controlStolen ? WORDS.stolen : WORDS.broken, this.#language);
    const real = say(WORDS[verdict.outcome], this.#language);
    const line = `${attack.control}: ${control} · ${say(WORDS.real, this.#language)}: ${real} · ${seconds}`;
    this.#labelled(WORDS.verdict, line, verdict.passed ? this.#palette.refused : this.#palette.stolen);
    for (const problem of verdict.problems)
      this.#labelled(WORDS.problem, say(problem, this.#language), this.#palette.open);
  }

  #enter(attack: Attack, half: Half): void {
    if (half === this.#half) return;
    this.#half = half;
    const title =
      half === 'control'
        ? `${say(WORDS.onControl, this.#language)} (${attack.control})`
        : say(WORDS.onReal, this.#language);
    this.#terminal.write('\n');
    this.#print(title, this.#palette.heading);
  }

  #held({ what, value }: Held): void {
    const taken = value === undefined ? say(what, this.#language) : `${say(what, this.#language)}: ${value}`;
    this.#labelled(WORDS.inHand, taken);
  }

  #theft({ variant, what, exchanges, loot }: Theft): void {
    this.#title(variant, what);
    this.#exchange(exchanges);
    if (loot === undefined) this.#labelled(WORDS.loot, say(WORDS.broken, this.#language), this.#palette.open);
    else this.#labelled(WORDS.loot, `${say(WORDS.stolen, this.#language)}: ${loot}`, this.#palette.stolen);
  }

  #attempt({ variant, what, exchanges, outcome, event, problem }: Attempt): void {
    this.#title(variant, what);
    this.#exchange(exchanges);
    const paint = { refused: this.#palette.refused, stolen: this.#palette.stolen, inconclusive: this.#palette.open }[
      outcome
    ];
    this.#labelled(WORDS.verdict, say(WORDS[outcome], this.#language), paint);
    if (event !== undefined)
      this.#labelled(WORDS.reason, `${event.reason} (${say(WORDS.audit, this.#language)}: ${event.by})`);
    // Where a binding failed, the two thumbprints are the whole explanation.
    if (event?.expectedThumbprint !== undefined) {
      this.#labelled(WORDS.tokenHolds, event.expectedThumbprint);
      this.#labelled(WORDS.connectionShows, event.presentedThumbprint ?? say(WORDS.noCertificate, this.#language));
    }
    if (problem !== undefined) this.#labelled(WORDS.problem, problem, this.#palette.open);
  }

  #honest({ what, works, shown }: Honest): void {
    const words = say(works ? WORDS.works : WORDS.fails, this.#language);
    const text = `${say(what, this.#language)}: ${words} (${describeAnswer(shown.answer)})`;
    this.#labelled(WORDS.honest, text, works ? this.#palette.refused : this.#palette.stolen);
  }

  #unchanged({ what, problem }: Unchanged): void {
    const text = problem === undefined ? say(what, this.#language) : `${say(what, this.#language)}: ${problem}`;
    this.#labelled(WORDS.unchanged, text, problem === undefined ? this.#palette.refused : this.#palette.stolen);
  }

  #title(variant: string, what: Text): void {
    this.#print(`${INDENT}${variant === '' ? '' : `(${variant}) `}${say(what, this.#language)}`, this.#palette.heading);
  }

  #exchange(exchanges: readonly Shown[]): void {
    const { told, more } = toldExchanges(exchanges);
    for (const shown of told) this.#one(shown);
    if (more > 0) this.#labelled(undefined, `+${more} ${say(WORDS.andMore, this.#language)}`, this.#palette.quiet);
  }

  #one({ sent, answer }: Shown): void {
    const certificate =
      sent.thumbprint === undefined
        ? say(WORDS.noCertificate, this.#language)
        : `${say(WORDS.certificate, this.#language)} ${sent.thumbprint}`;
    this.#labelled(WORDS.by, `${sent.caller} · ${certificate}`, this.#palette.quiet);
    this.#labelled(WORDS.sent, sent.line);
    for (const part of [...sent.headers, ...sent.form]) this.#labelled(undefined, part, this.#palette.quiet);
    this.#labelled(WORDS.answer, describeAnswer(answer));
    if (answer.kind === 'http' && answer.challenge !== undefined)
      this.#labelled(undefined, `WWW-Authenticate: ${answer.challenge}`, this.#palette.quiet);
  }

  #labelled(label: Text | undefined, text: string, paint: Paint = plain): void {
    const margin = INDENT.length * 2;
    const name = label === undefined ? '' : say(label, this.#language);
    wrap(text, this.#terminal.width - margin - this.#labelWidth).forEach((line, index) => {
      const left = padded(index === 0 ? name : '', this.#labelWidth);
      this.#terminal.write(`${' '.repeat(margin)}${this.#palette.quiet(left)}${paint(line)}\n`);
    });
  }

  #print(text: string, paint: Paint = plain): void {
    const indent = text.startsWith(INDENT) ? INDENT : '';
    for (const line of wrap(text, this.#terminal.width - indent.length))
      this.#terminal.write(`${indent}${paint(line)}\n`);
  }
}
