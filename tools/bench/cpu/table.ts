import { stripVTControlCharacters } from 'node:util';

/** Rows of cells as lines: columns as wide as their widest cell, the first one to the left, all others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => widthOf(row[column]))));
  const line = (row: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        const padding = ' '.repeat(width - widthOf(cell));
        return column === 0 ? cell + padding : padding + cell;
      })
      .join('   ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('───'), ...rows.map(line)];
}

/** Colours take no room. */
const widthOf = (cell = ''): number => stripVTControlCharacters(cell).length;
