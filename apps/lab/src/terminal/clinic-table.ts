import { CLINIC_WORDS, findingOf, toldInWords } from '../clinic/clinic-words.ts';
import type { Examined } from '../clinic/examine.ts';
import type { Language, Text } from '../run/text.ts';
import { say } from '../run/text.ts';
import type { Cell } from './columns.ts';
import { GAP, lines, NARROW, sideBySide } from './columns.ts';
import type { Palette, Terminal } from './palette.ts';
import { paletteOf } from './palette.ts';

/** The patients as a table, row by row as they are examined. */
export class ClinicTable {
  readonly #width: number;
  readonly #palette: Palette;
  readonly #language: Language;

  constructor({ width, colours }: Pick<Terminal, 'width' | 'colours'>, language: Language) {
    this.#width = width;
    this.#palette = paletteOf({ colours });
    this.#language = language;
  }

  head(): string {
    const rule = `${this.#palette.quiet('━'.repeat(this.#width))}\n`;
    if (this.#width < NARROW) return rule;
    const { presented, authorizationServer, bank, remedy } = CLINIC_WORDS;
    const cells = [presented, authorizationServer, bank, remedy].map((word, x) =>
      lines(this.#say(word), this.#widths()[x] ?? 1, this.#palette.quiet),
    );
    return `${rule}${sideBySide(cells, this.#widths())}${rule}`;
  }

  row(examined: Examined): string {
    const narrow = this.#width < NARROW;
    const widths = narrow ? [this.#width, this.#width, this.#width, this.#width] : this.#widths();
    const cells = this.#cells(examined, widths);
    const body = narrow
      ? cells.flatMap((cell) => cell.map(({ text, paint }) => `${paint(text)}\n`)).join('')
      : sideBySide(cells, widths);
    return `${body}${this.#palette.quiet('─'.repeat(this.#width))}\n`;
  }

  #cells({ patient, authorizationServer, bank, problem }: Examined, widths: readonly number[]): readonly Cell[] {
    const { heading, quiet, refused, stolen } = this.#palette;
    const paint = problem === undefined ? refused : stolen;
    const [first = 1, second = 1, third = 1, fourth = 1] = widths;
    const code = patient.onPaper ?? patient.code;
    const advice = code === undefined ? '' : this.#say(findingOf(code).remedy);
    return [
      [...lines(patient.id, first, heading), ...lines(this.#say(patient.what), first)],
      lines(toldInWords(authorizationServer, this.#language), second, paint),
      lines(toldInWords(bank, this.#language), third, paint),
      [
        ...(problem === undefined ? [] : lines(problem, fourth, stolen)),
        // Where no door could say it, the files alone do.
        ...(code === undefined || code === authorizationServer.code ? [] : lines(code, fourth)),
        ...lines(advice, fourth, quiet),
      ],
    ];
  }

  #say(text: Text): string {
    return say(text, this.#language);
  }

  #widths(): readonly number[] {
    const rest = this.#width - 3 * GAP;
    const answer = Math.max(25, Math.floor(rest * 0.2));
    const first = Math.floor(rest * 0.24);
    return [first, answer, answer, rest - first - 2 * answer];
  }
}
