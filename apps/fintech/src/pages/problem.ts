import type { Catalogue } from '../i18n/en.ts';

/** Everything that can go wrong in front of a person; closed, so that each has its words in every language. */
export type ProblemKind = keyof Catalogue['problems'];

/** HTTP status of each problem. */
const STATUS: Readonly<Record<ProblemKind, number>> = {
  bank_unreachable: 503,
  bank_answer_unusable: 502,
  login_service_unreachable: 503,
  login_service_refused: 502,
  tidepool_not_recognised: 503,
  link_refused: 400,
  connection_ended: 403,
  not_shared: 403,
  account_unknown: 404,
  request_forged: 403,
  too_many_attempts: 429,
  page_unknown: 404,
  unexpected: 500,
};

/**
 * Ends a request with a page that explains it. The kind is for the person; the reason, where there is one, is the same
 * word as in the audit event, so that a page and an event can be matched. Never carries a token, a code or a key.
 */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly reason: string | undefined;

  constructor(kind: ProblemKind, options: { reason?: string; cause?: unknown } = {}) {
    super(options.reason === undefined ? kind : `${kind}: ${options.reason}`, { cause: options.cause });
    this.name = 'Problem';
    this.kind = kind;
    this.reason = options.reason;
  }

  get status(): number {
    return STATUS[this.kind];
  }
}
