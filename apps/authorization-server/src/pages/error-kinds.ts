import type { OAuthError, OAuthErrorCode, Reason } from '@holdfast/fapi';

/** What a person is told apart; the marker `data-error` of the page. Never more than the public sentence of the reason says. */
export type ErrorKind =
  | 'request_invalid'
  | 'client_unknown'
  | 'request_over'
  | 'form_foreign'
  | 'changed_meanwhile'
  | 'nothing_selected'
  | 'login_needed'
  | 'bank_away'
  | 'page_unknown'
  | 'too_fast'
  | 'ours'
  | 'other';

/** What a person can do about it. */
export type ErrorHelp = 'restart' | 'back' | 'wait' | 'elsewhere';

/** Reasons that mean something else to a person than their code alone. */
const BY_REASON: Readonly<Partial<Record<Reason, ErrorKind>>> = {
  client_not_registered: 'client_unknown',
  client_disabled: 'client_unknown',
  form_not_ours: 'form_foreign',
  consent_changed: 'changed_meanwhile',
  consent_selection_invalid: 'nothing_selected',
};

const BY_CODE: Readonly<Partial<Record<OAuthErrorCode, ErrorKind>>> = {
  invalid_request: 'request_invalid',
  invalid_request_uri: 'request_over',
  expired_token: 'request_over',
  access_denied: 'login_needed',
  temporarily_unavailable: 'bank_away',
  not_found: 'page_unknown',
  method_not_allowed: 'page_unknown',
  too_many_requests: 'too_fast',
  server_error: 'ours',
};

const HELP: Readonly<Record<ErrorKind, ErrorHelp>> = {
  request_invalid: 'restart',
  client_unknown: 'restart',
  request_over: 'restart',
  form_foreign: 'back',
  changed_meanwhile: 'back',
  nothing_selected: 'back',
  login_needed: 'back',
  bank_away: 'wait',
  page_unknown: 'elsewhere',
  too_fast: 'wait',
  ours: 'wait',
  other: 'restart',
};

export const kindOf = ({ reason, code }: Pick<OAuthError, 'reason' | 'code'>): ErrorKind =>
  BY_REASON[reason] ?? BY_CODE[code] ?? 'other';

export const helpFor = (kind: ErrorKind): ErrorHelp => HELP[kind];
