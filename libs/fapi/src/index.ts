export { OAuthError, refuse } from './errors.ts';
export type { OAuthErrorCode, Reason, RefusalOptions, Show } from './errors.ts';
export type { AuthorizationResponse } from './authorization-response.ts';
export { audited } from './audit.ts';
export type { Audit, AuditEvent, Trail } from './audit.ts';
export { readForm } from './form.ts';
export type { FormPairs, Parameters } from './form.ts';
export { JsonError, parseStrictJson } from './strict-json.ts';
export type { Clock, Random } from './clock.ts';
