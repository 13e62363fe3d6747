import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import type { Login } from '../authorize/next-step.ts';
import type { RegisteredClient } from '../clients.ts';
import { grantByConsent } from '../consent/grant.ts';
import type { Approval, AskedOfPerson, Question } from '../consent/question.ts';
import { checkApproval, fingerprintOf, questionFor } from '../consent/question.ts';
import type { Engine } from '../engine.ts';
import { askedClaims } from '../token/id-token.ts';
import type { CibaDecision, CibaRequest } from './ciba-state.ts';

/** A request as the person it is put to sees it. */
export interface AskedRequest {
  readonly client: RegisteredClient;
  readonly request: CibaRequest;
  /** Undefined while it waits. */
  readonly decision: CibaDecision['kind'] | undefined;
}

/** What the page of a request shows. */
export interface ApprovalQuestion extends Question {
  readonly bindingMessage: string;
  /** Fingerprint of all the above; comes back with the approval. */
  readonly hash: string;
}

/**
 * What waits for the person who is logged in, oldest first. Requests of clients that are gone or switched off are left
 * out.
 */
export async function requestsWaitingFor(as: Engine, login: Login): Promise<readonly AskedRequest[]> {
  const waiting = await as.state.cibaRequestsWaitingFor(login.subject, as.clock.now());
  const asked = await Promise.all(
    waiting.map(async (request) => {
      const client = await activeClient(as, request.clientId);
      return client === undefined ? [] : [{ client, request, decision: undefined }];
    }),
  );
  return asked.flat();
}

/**
 * The request behind a page, for the person it is put to and nobody else.
 * @throws OAuthError as a local page: `not_found`, the same for another person's request as for none; `expired_token` when
 *   its time is over and nobody has decided
 */
export async function findAskedRequest(as: Engine, login: Login, id: string): Promise<AskedRequest> {
  const kept = await as.state.findCibaRequest(id);
  const client = kept && (await activeClient(as, kept.request.clientId));
  if (kept === undefined || client === undefined || kept.request.subject !== login.subject)
    throw refuse('not_found', 'approval_unknown', { show: 'page' });
  if (kept.decision === undefined && kept.request.expiresAt <= as.clock.now()) throw over();
  return { client, request: kept.request, decision: kept.decision?.kind };
}

/**
 * Puts together what the page of a request shows. The bank is asked which accounts this person may share.
 * @throws OAuthError `temporarily_unavailable` as a page when the bank cannot be asked
 */
export async function askForApproval(as: Engine, asked: AskedRequest): Promise<ApprovalQuestion> {
  const ofPerson = askedOfPerson(asked);
  const question = { ...(await questionFor(as, ofPerson)), bindingMessage: asked.request.bindingMessage };
  return { ...question, hash: fingerprintOf(ofPerson, question) };
}

/**
 * Approves a request: records the consent at the bank, then the decision and the grant in one step. The client learns of it
 * when it asks, or is pinged.
 *
 * @throws OAuthError as a local page, also when what was shown is not what would be granted now
 */
export function approveRequest(as: Engine, login: Login, asked: AskedRequest, approval: Approval): Promise<void> {
  return audited(as.audit, 'ciba.decide', trailOf(asked, login), async (trail) => {
    if (asked.decision !== undefined) throw over();
    const question = await askForApproval(as, asked);
    const accounts = checkApproval(question, approval);
    const consented = await grantByConsent(as, askedOfPerson(asked), question, accounts);
    const approved = await as.state.approveCibaRequest({
      id: asked.request.id,
      now: as.clock.now(),
      ...consented,
      idTokenClaims: await idTokenClaims(as, asked.request, login),
    });
    if (!approved) throw over();
    trail.grant = consented.grant.id;
    trail.evidence = { decision: 'approved' };
  });
}

/**
 * Denies a request.
 * @throws OAuthError as a local page when it was decided before, or its time is over
 */
export function denyRequest(as: Engine, login: Login, asked: AskedRequest): Promise<void> {
  return audited(as.audit, 'ciba.decide', trailOf(asked, login), async (trail) => {
    if (!(await as.state.denyCibaRequest(asked.request.id, as.clock.now()))) throw over();
    trail.evidence = { decision: 'denied' };
  });
}

async function activeClient(as: Engine, clientId: string): Promise<RegisteredClient | undefined> {
  const client = await as.clients.find(clientId);
  return client === undefined || client.disabled ? undefined : client;
}

const askedOfPerson = ({ client, request }: AskedRequest): AskedOfPerson => ({
  handle: request.id,
  client,
  subject: request.subject,
  scopes: request.scopes,
  details: request.authorizationDetails,
  since: request.askedAt,
});

// FAPI-CIBA-5.2.2-8: `acr` when, and only when, the client asked for it.
const idTokenClaims = (as: Engine, { asksForAcr }: CibaRequest, login: Login) =>
  askedClaims(as, asksForAcr ? { claims: { idToken: ['acr'], userinfo: [], essentialAcr: [] } } : {}, login);

const trailOf = ({ client }: AskedRequest, login: Login): Trail => ({ client: client.id, subject: login.subject });

const over = () => refuse('expired_token', 'approval_over', { show: 'page' });
