import { createHash } from 'node:crypto';
import { epochSeconds } from '../../clock.ts';
import type { NewConsent } from '../authorize/consent-holder.ts';
import type { Engine } from '../engine.ts';

/** A consent as the bank has recorded it, and the key it was asked for under. */
export interface RecordedConsent {
  readonly id: string;
  readonly request: string;
}

/**
 * Has the bank record what a person approved. Whatever happens to the answer, nothing is left that nobody knows of: the
 * request is noted here before the bank hears of it, and what no grant comes of is ended (`endAbandonedConsents`).
 *
 * @param handle what the request that is being approved is known by
 * @throws OAuthError `temporarily_unavailable` as a page when the bank cannot be asked
 */
export async function recordConsent(
  as: Engine,
  handle: string,
  wanted: Omit<NewConsent, 'requestId'>,
): Promise<RecordedConsent> {
  const request = keyOf(handle, wanted);
  await as.state.noteConsentRequest(request, handle, as.clock.now());
  return { id: await as.consents.authorize({ ...wanted, requestId: request }), request };
}

/**
 * A fingerprint of all that was approved. The same approval again, after an answer was lost, finds the same consent; another
 * selection is another consent, and the one before it is ended. The handle of the request goes in, so that the same wishes
 * made twice are two consents, and only as a fingerprint: the bank has no use for the handle itself.
 */
function keyOf(handle: string, { subject, client, accounts, actions, expiresAt }: Omit<NewConsent, 'requestId'>) {
  const approved = [
    handle,
    subject,
    client.id,
    client.name,
    [...accounts].sort(),
    [...actions].sort(),
    epochSeconds(expiresAt),
  ];
  return createHash('sha256').update(JSON.stringify(approved)).digest('base64url');
}
