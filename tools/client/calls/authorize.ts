import { travel } from '../browser/travel.ts';
import type { AuthorizationAnswer } from '../checks/authorization-answer.ts';
import { Refused } from '../refusal.ts';
import type { Party } from '../relying-party.ts';

/** The person's part: from the authorization endpoint to the redirect URI, which is recognised and never fetched. */
export function authorize(party: Party, requestUri: string, redirectUri: string): Promise<AuthorizationAnswer> {
  return party.steps.step('the browser', async (checked) => {
    const { file, server, connections } = party;
    if (server.authorization_endpoint === undefined)
      throw new Refused('endpoint_missing', { detail: 'authorization_endpoint' });
    const url = new URL(server.authorization_endpoint);
    // FAPI2-SP-FINAL-5.3.3.2-6, RFC9126-4: these two alone, for what is beside them the person could have changed.
    url.searchParams.set('client_id', file.client_id);
    url.searchParams.set('request_uri', requestUri);
    const answer = await travel({ call: connections.browser, start: url, redirectUri, login: file.login, checked });
    checked(`back at the redirect URI by ${answer.via}`);
    return answer;
  });
}
