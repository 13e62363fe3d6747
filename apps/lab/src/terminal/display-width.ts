/** Ranges that take two columns in a terminal: Hangul Jamo, CJK, kana, full-width forms, and what lies beyond the BMP there. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** Columns a text takes in a terminal. Expects no control sequences: colour is added after everything is in place. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const sign of text) width += WIDE.test(sign) ? 2 : 1;
  return width;
}

/** The text, followed by spaces up to `width` columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/**
 * Breaks a text into lines of at most `width` columns: between words, or between characters where a word is longer than
 * the line or the script has no spaces.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text)) {
    if (displayWidth(line + piece.trimEnd()) > width && line !== '') {
      lines.push(line.trimEnd());
      line = '';
    }
    line += line === '' ? piece.trimStart() : piece;
    while (displayWidth(line.trimEnd()) > width) {
      const head = headAtJoint(line, width);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines.length === 0 ? [''] : lines;
}

/** A long word is cut behind one of its joints when there is one in the second half of what fits. */
function headAtJoint(text: string, width: number): string {
  const head = headOf(text, width);
  const joint = /^.*[_/.:,-](?=[^_/.:,-]*$)/.exec(head)?.[0] ?? '';
  return joint.length > head.length / 2 ? joint : head;
}

/** The longest beginning that fits, at least one character. */
export function headOf(text: string, width: number): string {
  let head = '';
  for (const sign of text) {
    if (head !== '' && displayWidth(head + sign) > width) break;
    head += sign;
  }
  return head;
}

/** Words with the space behind them; wide characters one by one, with closing punctuation kept on their line. */
function pieces(text: string): readonly string[] {
  return (
    text.match(new RegExp(`(?:${WIDE.source}|[^\\s])(?:(?!${WIDE.source})\\S)*[、。，．：；）」]*\\s*`, 'gu')) ?? []
  );
}
