import { discover } from '../calls/discover.ts';
import { formOf, jsonOf } from '../calls/push-request.ts';
import { requestAsClient } from '../calls/receive-tokens.ts';
import { introspect } from '../calls/token-management.ts';
import { callResource } from '../calls/use-token.ts';
import type { RelyingParty } from '../relying-party.ts';

/** A token for the client itself, with nobody logged in. RFC6749-4.4. */
export async function clientCredentialsFlow(us: RelyingParty): Promise<void> {
  const { file } = us;
  const { scope = withoutOpenId(file.scope), authorization_details: details, resource } = file.client_credentials ?? {};
  const party = await discover({ ...us, file: { ...file, resource: resource ?? file.resource } });
  const granted = await requestAsClient(party, formOf({ scope, authorization_details: jsonOf(details) }));
  if (resource === null) await introspect(party, granted);
  else await callResource(party, granted);
}

/** `openid` asks who logged in, and nobody does; details need somebody who agrees to them. */
function withoutOpenId(scope: string | undefined): string | undefined {
  const own = scope?.split(' ').filter((each) => each !== 'openid');
  return own === undefined || own.length === 0 ? undefined : own.join(' ');
}
