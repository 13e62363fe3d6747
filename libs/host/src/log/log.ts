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
