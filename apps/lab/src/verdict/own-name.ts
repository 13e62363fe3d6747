import type { LabClient } from '../real/lab-client.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import type { Changes } from './flow.ts';
import { changed } from './flow.ts';

/** The form with which a client asks for a token in its own name, the shortest way to a token. RFC6749-4.4.2 */
export function ownNameForm({ clientId }: LabClient, changes: Changes = {}): readonly Field[] {
  const honest: readonly Field[] = [
    ['grant_type', 'client_credentials'],
    ['client_id', clientId],
    ['scope', 'grant_management_query'],
  ];
  return changed(honest, changes);
}

/** Asks as the client; or as somebody else who claims to be it. */
export function askInOwnName(client: LabClient, changes: Changes = {}, caller?: Caller): Promise<Exchange> {
  const form = ownNameForm(client, changes);
  if (caller === undefined) return client.askForToken(form);
  return httpsCall(caller, { method: 'POST', url: client.tokenEndpoint, form });
}
