import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import { readForm, required } from '../../form.ts';
import type { Parameters } from '../../form.ts';
import { authenticateClient } from '../client-auth/authenticate.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';
import { approveRequest, askForApproval, denyRequest, findAskedRequest } from './approval.ts';
import { cibaRequestId } from './request-authentication.ts';

/**
 * Decides a request in the place of a person, for demonstrations and test suites that have nobody at a device. No person is
 * authenticated here, so a shell offers this verb only where its configuration says that nothing real is at stake, and names
 * who may call it. From the caller's certificate on, it goes the way of the page: the same verbs, the same checks.
 *
 * @param deciders ids of the clients that may
 * @throws OAuthError `invalid_client`, `unauthorized_client`, `invalid_request`, or what the page's verbs throw
 */
export function decideByCall(
  as: Engine,
  request: EndpointRequest,
  authReqId: string,
  deciders: readonly string[],
): Promise<{ readonly decision: 'approved' | 'denied' }> {
  return audited(as.audit, 'ciba.decide_by_call', trailOf(request), async (trail) => {
    const form = readForm(request.form);
    const caller = await authenticateClient(as, form, request, trail);
    // By its certificate, on this connection: an assertion says nothing about who holds the other end of it.
    const byCertificate = caller.authentication.method !== 'private_key_jwt';
    if (!byCertificate || !deciders.includes(caller.id))
      throw refuse('unauthorized_client', 'approval_call_not_allowed');
    const approves = wantsApproval(form);
    const person = await as.people.findByHint(required(form, 'login'));
    if (person === undefined) throw refuse('unknown_user_id', 'hinted_person_unknown');

    const login = { subject: person.subject, authenticatedAt: as.clock.now() };
    const asked = await findAskedRequest(as, login, cibaRequestId(authReqId));
    trail.subject = person.subject;
    trail.evidence = { asked: asked.client.id };
    if (!approves) {
      await denyRequest(as, login, asked);
      return { decision: 'denied' };
    }
    const question = await askForApproval(as, asked);
    await approveRequest(as, login, asked, { shown: question.hash, accounts: question.accounts.map(({ id }) => id) });
    return { decision: 'approved' };
  });
}

function wantsApproval(form: Parameters): boolean {
  switch (required(form, 'decision')) {
    case 'approve':
    // The word of the OpenID Foundation's conformance suite.
    case 'allow':
      return true;
    case 'deny':
      return false;
    default:
      throw refuse('invalid_request', 'parameter_malformed', { evidence: { parameter: 'decision' } });
  }
}
