import { pino } from 'pino';
import { prettyLine } from './pretty.ts';
import { redact, redactText } from './redact.ts';

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
export function createLogger({ name, level = 'info', form = 'json', write = toStandardOutput }: LogOptions): Logger {
  const options: pino.LoggerOptions = {
    name,
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      bindings: cleaned,
      log: cleaned,
    },
    // pino would put an Error under `err` through its own serializer, stack and all its properties unredacted.
    serializers: { err: (error: unknown) => error },
    hooks: { logMethod: cleanAndCall },
  };
  return pino(options, { write: form === 'pretty' ? (line) => write(prettyLine(line)) : write });
}

function cleaned(fields: object): Record<string, unknown> {
  return redact(fields) as Record<string, unknown>;
}

/** Sentences are cleaned here, because pino hands only fields to its formatters. Errors become a field of their own. */
function cleanAndCall(this: pino.Logger, args: unknown[], method: pino.LogFn): void {
  const [first, second] = args;
  if (typeof first === 'string') return method.call(this, redactText(first));
  const fields = first instanceof Error ? { err: first } : first;
  const sentence = typeof second === 'string' ? second : first instanceof Error ? first.message : undefined;
  method.call(this, fields as object, sentence === undefined ? undefined : redactText(sentence));
}

/** Synchronous, so that the last line before an exit is not lost. */
function toStandardOutput(line: string): void {
  process.stdout.write(line);
}
