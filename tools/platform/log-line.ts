/** `raw` is a line that is not ours: Node's own words, most often the last ones of a crash. */
export type Severity = 'info' | 'warn' | 'error' | 'raw';

/** One line of a process, as a person reads it. */
export interface LogLine {
  readonly severity: Severity;
  readonly text: string;
}

const severities: Readonly<Record<string, Severity>> = { warn: 'warn', error: 'error', fatal: 'error' };
const hidden = new Set(['level', 'time', 'name', 'msg', 'err', 'pid', 'hostname']);

const LONGEST_RAW = 300;

/** Reads a JSON log line; any other line is taken as it is, up to a readable length. */
export function readLogLine(line: string): LogLine {
  const fields = parseObject(line);
  if (!fields) return { severity: 'raw', text: line.slice(0, LONGEST_RAW) };
  const { level, msg } = fields;
  const rest = Object.entries(fields)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const text = [typeof msg === 'string' ? msg : 'no message', ...rest, ...causeOf(fields)].join('  ');
  return { severity: severities[String(level)] ?? 'info', text };
}

function causeOf({ err }: Readonly<Record<string, unknown>>): string[] {
  const message = typeof err === 'object' && err !== null && 'message' in err ? err.message : undefined;
  return typeof message === 'string' ? [`(${message})`] : [];
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
