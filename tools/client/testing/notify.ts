import { localhostLookup } from '@holdfast/mtls';
import { Agent, fetch } from 'undici';
import type { ServerState } from './server-state.ts';

/** CIBA-CORE-10.2: tells a client that asked to be told. */
export async function notify(state: ServerState, trust: string): Promise<void> {
  const [authReqId, pending] = [...state.backchannel].at(-1) ?? [];
  const token = pending?.grant.request.get('client_notification_token') ?? undefined;
  const { notificationEndpoint: endpoint } = state.client;
  if (authReqId === undefined || token === undefined || endpoint === undefined) return;
  const { notification = (honest) => honest } = state.bend;
  const said = notification({ token, authReqId });
  if (said === undefined) return;
  const agent = new Agent({ connect: { ca: trust, lookup: localhostLookup('loopback')! } });
  try {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${said.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ auth_req_id: said.authReqId }),
      dispatcher: agent,
    });
    state.notified.push(answer.status);
  } finally {
    await agent.destroy();
  }
}
