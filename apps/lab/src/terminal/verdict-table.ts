import type { Language } from '../run/text.ts';
import { say } from '../run/text.ts';
import type { RequirementSection } from '../verdict/requirement-list.ts';
import type { LineVerdict, Standing } from '../verdict/run-verdict.ts';
import { countStandings } from '../verdict/run-verdict.ts';
import { toldVerdict } from '../verdict/told-verdict.ts';
import { SECTION_TITLES, STANDINGS, VERDICT_WORDS } from '../verdict/verdict-words.ts';
import type { Cell, Line } from './columns.ts';
import { GAP, lines, NARROW, sideBySide } from './columns.ts';
import type { Paint, Palette, Terminal } from './palette.ts';
import { paletteOf } from './palette.ts';

/** The table of requirements, section by section, row by row as their turns come. */
export class VerdictTable {
  readonly #width: number;
  readonly #palette: Palette;
  readonly #language: Language;

  constructor({ width, colours }: Pick<Terminal, 'width' | 'colours'>, language: Language) {
    this.#width = width;
    this.#palette = paletteOf({ colours });
    this.#language = language;
  }

  /** The name of a section, above its rows. */
  section({ prefix, title }: RequirementSection): string {
    const { heading } = this.#palette;
    const name = say(SECTION_TITLES[prefix] ?? { en: title, ja: title }, this.#language);
    const titled = lines(`${prefix}  ${name}`, this.#width, heading).map(({ text, paint }) => paint(text));
    const rule = this.#rule('━');
    if (this.#width < NARROW) return `${rule}\n${titled.join('\n')}\n${this.#rule()}\n`;
    const names = [VERDICT_WORDS.requirement, VERDICT_WORDS.standing, VERDICT_WORDS.seen, VERDICT_WORDS.proof];
    const cells = names.map((word, x) => lines(say(word, this.#language), this.#widths()[x] ?? 1, this.#palette.quiet));
    return `${rule}\n${titled.join('\n')}\n${sideBySide(cells, this.#widths())}${this.#rule()}\n`;
  }

  row(verdict: LineVerdict): string {
    const cells = this.#cells(verdict, this.#width < NARROW ? undefined : this.#widths());
    const body =
      this.#width < NARROW
        ? cells.flatMap((cell) => cell.map(({ text, paint }) => `${paint(text)}\n`)).join('')
        : sideBySide(cells, this.#widths());
    return `${body}${this.#rule()}\n`;
  }

  /** A section in one line, below its rows. */
  count(verdicts: readonly LineVerdict[]): string {
    const words = Object.entries(countStandings(verdicts))
      .filter(([, count]) => count > 0)
      .map(([standing, count]) => `${count} ${say(STANDINGS[standing as Standing], this.#language)}`);
    const cell = lines(words.join(', '), this.#width, this.#palette.quiet);
    return `${cell.map(({ text, paint }) => paint(text)).join('\n')}\n\n`;
  }

  #cells(verdict: LineVerdict, widths: readonly number[] | undefined): readonly Cell[] {
    const { quiet, heading } = this.#palette;
    const { requirement, standing } = verdict;
    const [first, second, third, fourth] = widths ?? [this.#width, this.#width, this.#width, this.#width];
    const told = toldVerdict(verdict, this.#language);
    const spread = (texts: readonly string[], width: number, paint?: Paint): readonly Line[] =>
      texts.flatMap((text) => lines(text, width, paint));
    return [
      [...lines(requirement.id, first ?? 1, heading), ...lines(requirement.text, first ?? 1)],
      lines(say(STANDINGS[standing], this.#language), second ?? 1, this.#palette[PAINT[standing]]),
      spread(told.sight, third ?? 1),
      [...spread(told.clauses, fourth ?? 1), ...spread(told.proof, fourth ?? 1, quiet)],
    ];
  }

  #widths(): readonly number[] {
    const rest = this.#width - 3 * GAP;
    const [second, third, fourth] = [
      Math.max(10, Math.floor(rest * 0.09)),
      Math.floor(rest * 0.28),
      Math.floor(rest * 0.32),
    ];
    return [rest - second - third - fourth, second, third, fourth];
  }

  #rule(stroke = '─'): string {
    return this.#palette.quiet(stroke.repeat(this.#width));
  }
}

const PAINT = { passed: 'refused', tested: 'refused', failed: 'stolen', unclear: 'open', open: 'open' } as const;
