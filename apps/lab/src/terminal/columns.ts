import { padded, wrap } from './display-width.ts';
import type { Paint } from './palette.ts';

/** A line of a cell and how it is painted; painting comes last, because colour has no width. */
export interface Line {
  readonly text: string;
  readonly paint: Paint;
}
export type Cell = readonly Line[];

/** Below this width the columns become too thin to read, and each row is a block of lines instead. */
export const NARROW = 96;
export const GAP = 2;

/** A text as lines of at most `width` columns. */
export function lines(text: string, width: number, paint: Paint = (plain) => plain): Cell {
  return wrap(text, width).map((line) => ({ text: line, paint }));
}

/** Lays cells side by side, each wrapped already, and ends every line without trailing spaces. */
export function sideBySide(cells: readonly Cell[], widths: readonly number[]): string {
  const height = Math.max(...cells.map((cell) => cell.length));
  let text = '';
  for (let y = 0; y < height; y += 1) {
    const parts = cells.map((cell, x) => {
      const line = cell[y];
      const isLast = x === cells.length - 1;
      const placed = isLast ? (line?.text ?? '') : padded(line?.text ?? '', (widths[x] ?? 0) + GAP);
      return line === undefined ? placed : line.paint(placed);
    });
    text += `${parts.join('').trimEnd()}\n`;
  }
  return text;
}
