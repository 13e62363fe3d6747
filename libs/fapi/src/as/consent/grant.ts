import { epochSeconds } from '../../clock.ts';
import type { Engine } from '../engine.ts';
import type { RecordedConsent } from '../grants/consent-request.ts';
import { recordConsent } from '../grants/consent-request.ts';
import type { Grant } from '../state.ts';
import type { AskedOfPerson, Question } from './question.ts';

/** A grant to be written, and the note of the consent it rests on; the note is absent when it rests on none. */
export interface ConsentedGrant {
  readonly grant: Grant;
  readonly consentRequest?: string;
}

/**
 * Makes the grant a person has agreed to: the bank records the consent first, then the grant is put together. Writing it is
 * left to the verb that ends the request, because both have to be one step.
 *
 * @param accounts what the person chose
 * @throws OAuthError `temporarily_unavailable` as a page when the bank cannot be asked
 */
export async function grantByConsent(
  as: Engine,
  asked: AskedOfPerson,
  question: Question,
  accounts: readonly string[],
): Promise<ConsentedGrant> {
  const consent = await consentAtBank(as, asked, question, accounts);
  const grant = {
    id: as.random.token(128),
    clientId: asked.client.id,
    subject: asked.subject,
    scopes: asked.scopes,
    // RFC9396-7.1: what the person chose is written into the details the token will carry.
    authorizationDetails: asked.details.map((detail) => ({
      ...detail,
      accounts,
      expires_at: epochSeconds(question.expiresAt),
      ...(consent === undefined ? {} : { consent_id: consent.id }),
    })),
    ...(consent === undefined ? {} : { consentId: consent.id }),
    createdAt: as.clock.now(),
    expiresAt: question.expiresAt,
  };
  return { grant, ...(consent === undefined ? {} : { consentRequest: consent.request }) };
}

async function consentAtBank(
  as: Engine,
  { handle, subject }: AskedOfPerson,
  question: Question,
  accounts: readonly string[],
): Promise<RecordedConsent | undefined> {
  if (question.details.length === 0) return undefined;
  return recordConsent(as, handle, {
    subject,
    client: question.client,
    accounts,
    actions: [...new Set(question.details.flatMap(({ actions }) => actions))],
    expiresAt: question.expiresAt,
  });
}
