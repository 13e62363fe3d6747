import * as oauth from 'oauth4webapi';
import { judging } from '../library-refusal.ts';
import { plain } from '../relying-party.ts';
import type { Party } from '../relying-party.ts';
import { formOf, jsonOf, requestObject } from './push-request.ts';

/** A request a person has not decided about yet. */
export interface PendingRequest {
  readonly authReqId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Seconds between two questions, at least. */
  readonly interval: number;
}

// CIBA-CORE-7.3: where the server names none.
const USUAL_INTERVAL = 5;

/**
 * Asks for a decision on another device. FAPI-CIBA-5.2.3: always as a signed request; CIBA-CORE-7.1.1.
 * @param notificationToken what a notification must bear; undefined for a client that polls
 */
export function requestBackchannel(party: Party, notificationToken: string | undefined): Promise<PendingRequest> {
  return party.steps.step('backchannel request', async (checked) => {
    const { server, client, auth, file, now } = party;
    const wanted = formOf({
      scope: file.scope,
      login_hint: file.ciba?.login_hint,
      login_hint_token: file.ciba?.login_hint_token,
      id_token_hint: file.ciba?.id_token_hint,
      binding_message: file.ciba?.binding_message,
      requested_expiry: file.ciba?.requested_expiry?.toString(),
      client_notification_token: notificationToken,
      authorization_details: jsonOf(file.authorization_details),
    });
    const answer = await judging('backchannel', async () => {
      const form = new URLSearchParams({ request: await requestObject(party, wanted) });
      const response = await oauth.backchannelAuthenticationRequest(server, client, auth, form, plain(party));
      return oauth.processBackchannelAuthenticationResponse(server, client, response);
    });
    checked(`to be decided within ${answer.expires_in} s`);
    return {
      authReqId: answer.auth_req_id,
      expiresAt: now() + answer.expires_in * 1000,
      interval: answer.interval ?? USUAL_INTERVAL,
    };
  });
}
