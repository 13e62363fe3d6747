import type { Attack } from '../run/attack.ts';
import type { AttackResult } from '../run/run-attacks.ts';
import type { Language } from '../run/text.ts';
import { say } from '../run/text.ts';
import type { Cell, Line } from './columns.ts';
import { GAP, lines, NARROW, sideBySide } from './columns.ts';
import type { Palette, Terminal } from './palette.ts';
import { paletteOf } from './palette.ts';
import type { Summary } from './result-summary.ts';
import { summarize } from './result-summary.ts';
import { WORDS } from './words.ts';

/** The table of a whole run, row by row, as the cases end. */
export class AttackTable {
  readonly #width: number;
  readonly #palette: Palette;
  readonly #language: Language;

  constructor({ width, colours }: Pick<Terminal, 'width' | 'colours'>, language: Language) {
    this.#width = width;
    this.#palette = paletteOf({ colours });
    this.#language = language;
  }

  header(): string {
    if (this.#width < NARROW) return `${this.#rule()}\n`;
    const names = [WORDS.attack, WORDS.control, WORDS.real, WORDS.reason] as const;
    const cells = names.map((name): Cell => [{ text: say(name, this.#language), paint: this.#palette.heading }]);
    return `${sideBySide(cells, this.#widths())}${this.#rule()}\n`;
  }

  row(result: AttackResult): string {
    const summary = summarize(result, this.#language);
    const body = this.#width < NARROW ? this.#block(result.attack, summary) : this.#cells(result.attack, summary);
    return `${body}${this.#rule()}\n`;
  }

  #cells(attack: Attack, summary: Summary): string {
    const { quiet, stolen } = this.#palette;
    const [first, second, third, fourth] = this.#widths();
    const cells: Cell[] = [
      [...this.#title(attack, first), ...lines(say(attack.story, this.#language), first, quiet)],
      [
        ...lines(`${attack.control}:`, second, quiet),
        ...lines(summary.control, second, stolen),
        ...summary.loot.flatMap((loot) => lines(loot, second)),
      ],
      [
        ...lines(summary.real, third, this.#palette[PAINT[summary.outcome]]),
        ...summary.answers.flatMap((answer) => lines(answer, third)),
      ],
      [
        ...summary.reasons.flatMap((reason) => lines(reason, fourth)),
        ...summary.problems.flatMap((problem) => lines(problem, fourth, this.#palette.open)),
      ],
    ];
    return sideBySide(cells, this.#widths());
  }

  #block(attack: Attack, summary: Summary): string {
    const { quiet, stolen } = this.#palette;
    const indent = '    ';
    const inner = this.#width - indent.length;
    const block: Line[] = [
      ...lines(say(attack.story, this.#language), inner, quiet),
      ...lines(`${attack.control}: ${[summary.control, ...summary.loot].join(', ')}`, inner, stolen),
      ...lines(`${say(WORDS.real, this.#language)}: ${summary.real}`, inner, this.#palette[PAINT[summary.outcome]]),
      ...[...summary.answers, ...summary.reasons].flatMap((text) => lines(`  ${text}`, inner)),
      ...summary.problems.flatMap((problem) => lines(problem, inner, this.#palette.open)),
    ];
    const title = this.#title(attack, this.#width).map(({ text, paint }) => paint(text));
    return [...title, ...block.map(({ text, paint }) => indent + paint(text)), ''].join('\n');
  }

  #title(attack: Attack, width: number): Cell {
    return lines(`${attack.id}  ${say(attack.title, this.#language)}`, width, this.#palette.heading);
  }

  #widths(): readonly [number, number, number, number] {
    const rest = this.#width - 3 * GAP;
    const [second, third, fourth] = [Math.floor(rest * 0.17), Math.floor(rest * 0.2), Math.floor(rest * 0.24)];
    return [rest - second - third - fourth, second, third, fourth];
  }

  #rule(): string {
    return this.#palette.quiet('─'.repeat(this.#width));
  }
}

const PAINT = { refused: 'refused', stolen: 'stolen', inconclusive: 'open' } as const;
