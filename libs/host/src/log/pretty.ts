const HIDDEN = new Set(['time', 'level', 'name', 'msg', 'err']);

/** A JSON log line as one readable line: `12:03:04.123 INFO  bank  a sentence  field=value`. */
export function prettyLine(line: string): string {
  const { time, level, name, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 23);
  const head = `${clock} ${String(level).toUpperCase().padEnd(5)} ${String(name ?? '')}  ${String(msg ?? '')}`;
  const rest = Object.entries(fields)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${[head, ...rest, ...failure(err)].join('  ')}\n`;
}

/** An error keeps its stack, below the line: a person reading a terminal needs it. */
function failure(err: unknown): string[] {
  if (typeof err !== 'object' || err === null) return [];
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  const text = stack ?? message;
  return text === undefined ? [] : [`\n    ${String(text).replace(/\n\s*/g, '\n      ')}`];
}
