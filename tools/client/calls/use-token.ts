import { randomUUID } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { judging } from '../library-refusal.ts';
import { Refused, RefusedByServer, oneLine } from '../refusal.ts';
import { direct, withNonce } from '../relying-party.ts';
import type { Party } from '../relying-party.ts';
import type { Granted } from './receive-tokens.ts';

/** Reads userinfo of the person the ID token is about. OIDC-CORE-5.3. */
export function readUserinfo(party: Party, { tokens, subject }: Granted): Promise<void> {
  return party.steps.step('userinfo', async (checked) => {
    await withNonce(party, () =>
      judging('userinfo', async () => {
        const { server, client } = party;
        const response = await oauth.userInfoRequest(server, client, tokens.access_token, direct(party));
        // OIDC-CORE-5.3.2: signed answers are for clients registered for them; here the signature would go unchecked.
        if (response.headers.get('content-type')?.startsWith('application/jwt') === true)
          throw new Refused('userinfo_malformed', { detail: 'a JWT' });
        await oauth.processUserInfoResponse(server, client, subject ?? '', response);
      }),
    );
    checked('sub of the ID token');
  });
}

/**
 * Shows the token to the resource of the client file, in the header and nowhere else. RFC6750-2.1, RFC9449-7.1.
 * @returns the status
 * @throws Refused, RefusedByServer
 */
export function callResource(party: Party, { tokens }: Pick<Granted, 'tokens'>): Promise<number> {
  return party.steps.step('the resource', async (checked) => {
    const response = await withNonce(party, () => askResource(party, tokens.access_token));
    checked(`status ${response.status}`);
    return response.status;
  });
}

async function askResource(party: Party, token: string): Promise<Response> {
  const interaction = randomUUID();
  const response = await judging('token_response', () =>
    oauth.protectedResourceRequest(
      token,
      'GET',
      new URL(party.file.resource),
      new Headers({ 'x-fapi-interaction-id': interaction, accept: 'application/json' }),
      undefined,
      direct(party),
    ),
  );
  await response.body?.cancel();
  if (response.status >= 300 && response.status < 400)
    throw new Refused('back_channel_redirected', { detail: `status ${response.status}` });
  if (!response.ok) throw new RefusedByServer(`http_${response.status}`, 'the resource was not served');
  // FAPI1-BASE-6.2.1-11: an answer to another call than this one.
  const echoed = response.headers.get('x-fapi-interaction-id');
  if (echoed !== null && echoed !== interaction) throw new Refused('interaction_id_wrong', { detail: oneLine(echoed) });
  return response;
}
