/** A JSON log line as one readable line: `12:03:04.123 INFO  bank  a sentence  field=value`. */
export function prettyLine(line: string): string {
  const { time, level, name, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 23);
  const head = `${clock} ${String(level).toUpperCase().padEnd(5)} ${visible(name)}  ${visible(msg)}`;
  const rest = Object.entries(fields).map(([key, value]) => `${visible(key)}=${visible(value)}`);
  return `${[head, ...rest, ...failure(err)].join('  ')}\n`;
}

/** An error keeps its stack, below the line and indented: a person reading a terminal needs it. */
function failure(err: unknown): string[] {
  if (typeof err !== 'object' || err === null) return [];
  const { stack, message } = err as { stack?: string; message?: string };
  const lines = (stack ?? message ?? '').split('\n').map((part) => visible(part.trim()));
  return [`\n    ${lines.join('\n      ')}`];
}

/**
 * A value as text of one line. What a caller sent may hold line feeds and terminal sequences: they would forge lines, or
 * move the cursor over real ones.
 */
function visible(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}
