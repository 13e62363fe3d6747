import type { Engine } from '../engine.ts';
import { revokeGrantsOfClient } from '../token/grants.ts';

/**
 * Ends what was issued to clients that the operator has switched off [RS-23]. They are refused at every endpoint anyway; this
 * reaches the tokens they hold already. Called at each start, so that the last replica to learn of it ends what another
 * issued in the meantime.
 *
 * @param clientIds whom the configuration switches off
 */
export async function revokeGrantsOfDisabledClients(as: Engine, clientIds: readonly string[]): Promise<void> {
  for (const id of clientIds) await revokeGrantsOfClient(as, id, 'client_disabled');
}
