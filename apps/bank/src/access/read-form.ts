import type { IncomingHttpHeaders } from 'node:http';
import type { FormPairs, Parameters } from '@holdfast/fapi';
import { readForm, refuse } from '@holdfast/fapi';

/**
 * FAPI1-BASE-6.2.1-11 [RS-33]: the interaction id is optional; one that is sent is a UUID, alone. FAPI1-BASE-6.2.1-13
 * [RS-34], FAPI1-BASE-6.2.2-3 [RS-35]: the other headers of FAPI clients are no reason to refuse, and are not looked at.
 * The value goes into the answer, the log and the audit trail, so nothing else is carried there. Our choice, no clause:
 * refused rather than replaced, since a caller that looks for its own id would never find it.
 * @param taken what the host made of the header: the caller's UUID, or one of its own
 * @throws OAuthError `invalid_request`
 */
export function checkInteraction(headers: IncomingHttpHeaders, taken: string): void {
  const sent = headers['x-fapi-interaction-id'];
  if (sent === undefined || sent === taken) return;
  throw refuse('invalid_request', 'parameter_malformed', { evidence: { header: 'x-fapi-interaction-id' } });
}

/**
 * RFC6750-2.2 [RS-02]: a token in a form body is for other methods than GET, and here for none at all. A read needs no
 * body, so one is refused unread: nobody has to guess what is in it.
 * @throws OAuthError `invalid_request`
 */
export function checkNoBody(headers: IncomingHttpHeaders): void {
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return;
  throw refuse('invalid_request', 'token_in_body', { evidence: { problem: 'a read carries a body' } });
}

/**
 * RFC9110-12.5.1 [RS-36]: absent means anything. Parameters such as a charset do not change what is acceptable, `q=0` does.
 * @throws OAuthError 406 `not_acceptable` when JSON is not among what the caller takes
 */
export function checkAccept(accept: string | undefined): void {
  if (accept === undefined || accept.split(',').some(takesJson)) return;
  throw refuse('not_acceptable', 'not_acceptable');
}

function takesJson(range: string): boolean {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  if (!['application/json', 'application/*', '*/*'].includes(type)) return false;
  return !parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter));
}

/**
 * The query, after everything the route does not know was refused. A misspelt `form=2026-01-01` must not silently
 * return more than was asked for.
 * @throws OAuthError `invalid_request`
 */
export function checkQuery(pairs: FormPairs, known: readonly string[]): Parameters {
  const stranger = pairs.find(([name]) => !known.includes(name));
  if (stranger === undefined) return readForm(pairs);
  throw refuse('invalid_request', 'parameter_malformed', {
    evidence: { parameter: stranger[0].slice(0, 40), problem: 'unknown' },
  });
}
