import { pino } from 'pino';
import { prettyLine } from './pretty.ts';
import { redact, redactText } from './redact.ts';
import { StandardOutput } from './standard-output.ts';

export type LogFields = Readonly<Record<string, unknown>>;

/** pino's calling convention: fields first, then the sentence; or the sentence alone. Everything passes the redaction. */
export interface LogLine {
  (fields: LogFields | Error, message?: string): void;
  (message: string): void;
}

export interface Logger {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  readonly fatal: LogLine;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

export type LogForm = 'json' | 'pretty';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly name: string;
  readonly level?: LogLevel;
  readonly form?: LogForm;
  /** Where lines go; standard output when absent. Each call is one whole line with its line feed. */
  readonly write?: (line: string) => void;
}

/**
 * One line per event: JSON for machines, or a readable line for a person at a terminal. No line holds a token, code,
 * assertion, cookie or key: fields are dropped by name and texts cleaned by shape before they are written.
 */
export function createLogger({ name, level = 'info', form = 'json', write }: LogOptions): Logger {
  const stream = write === undefined && form === 'json' ? standardOutput() : plainStream(form, write);
  const options: pino.LoggerOptions = {
    name,
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  return cleaning(pino(options, stream));
}

let shared: StandardOutput | undefined;
const toStandardOutput = (text: string): unknown => process.stdout.write(text);
const standardOutput = (): StandardOutput => (shared ??= new StandardOutput(toStandardOutput, process));

function plainStream(form: LogForm, write: (line: string) => unknown = toStandardOutput): pino.DestinationStream {
  return { write: form === 'pretty' ? (line) => void write(prettyLine(line)) : (line) => void write(line) };
}

/** Cleans everything before pino sees it: its own formatters see neither sentences nor what a child adds. */
function cleaning(logger: pino.Logger): Logger {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error' | 'fatal'): LogLine =>
    (first: LogFields | Error | string, sentence?: string) => {
      if (!logger.isLevelEnabled(level)) return;
      if (typeof first === 'string') {
        logger[level](redactText(first));
        return;
      }
      const fields = first instanceof Error ? { err: first } : first;
      const text = sentence ?? (first instanceof Error ? first.message : undefined);
      logger[level](redact(fields) as object, text === undefined ? undefined : redactText(text));
    };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    fatal: line('fatal'),
    child: (fields) => cleaning(logger.child(redact(fields) as pino.Bindings)),
  };
}
