/** A request that is turned away: what the caller is told in words (RFC7030-4.2.3), and why, for the audit alone. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: 400 | 401 | 403 | 415;
  readonly reason: string;
  readonly text: string;
  readonly evidence: Readonly<Record<string, string>>;

  constructor(
    status: RequestRefused['status'],
    reason: string,
    text: string,
    evidence: Readonly<Record<string, string>> = {},
  ) {
    super(reason);
    this.status = status;
    this.reason = reason;
    this.text = text;
    this.evidence = evidence;
  }
}

/** The same words whatever was wrong: who guesses learns nothing. */
export const unauthenticated = (reason: string, evidence?: Readonly<Record<string, string>>): RequestRefused =>
  new RequestRefused(
    401,
    reason,
    'present a certificate of the services or participants, or a one-time token',
    evidence,
  );

export const malformed = (reason: string, text: string, evidence?: Readonly<Record<string, string>>): RequestRefused =>
  new RequestRefused(400, reason, text, evidence);

export const forbidden = (reason: string, text: string, evidence?: Readonly<Record<string, string>>): RequestRefused =>
  new RequestRefused(403, reason, text, evidence);

/** RFC7617-2.1, RFC7030-3.2.3. */
export const CHALLENGE = 'Basic realm="enrolment", charset="UTF-8"';
