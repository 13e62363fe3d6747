import { setTimeout as pause } from 'node:timers/promises';
import type { KeptConnection } from '../../wire/https-call.ts';
import { keepConnection } from '../../wire/https-call.ts';
import type { Secret } from '../../wire/secret.ts';
import { bearer } from '../../wire/secret.ts';
import { describeArrival, offers } from '../../wire/browser.ts';
import type { Redeemed } from '../flow.ts';
import { askBank, tokens } from '../flow.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

const BOUND_MS = 2_000;
const GLANCE_MS = 50;

/** What ends while somebody is connected. */
export const revokedProbes: readonly Probe[] = [
  probe('RS-16', '200 before, 401 invalid_token after', async (world) => {
    const grant = await tokens(world);
    const before = await askBank(world, grant.accessToken);
    await revokeAccess(world, grant);
    await pause(BOUND_MS);
    return all(succeeded(before), refusedWith(await askBank(world, grant.accessToken), 401, 'invalid_token'));
  }),
  probe('RS-21', `200 before, 401 within ${BOUND_MS} ms over the same connection`, async (world) => {
    const grant = await tokens(world);
    return endsWithin(world, grant.accessToken, () => revokeAccess(world, grant));
  }),
  probe('RS-22', `200 before, 401 or 403 within ${BOUND_MS} ms over the same connection`, async (world) => {
    const grant = await tokens(world);
    return endsWithin(world, grant.accessToken, () => withdraw(world, String(grant.response['grant_id'])));
  }),
];

/** RFC7009-2.1 */
async function revokeAccess({ real }: VerdictWorld, { client, accessToken }: Redeemed): Promise<void> {
  const { status } = await client.call(real.discovery.mtls.revocation, [
    ['client_id', client.clientId],
    ['token', accessToken],
  ]);
  if (status !== 200) throw new Error(`the revocation was answered with ${status}`);
}

/** Alice ends what she shared, on the page that lists it. */
async function withdraw(world: VerdictWorld, grantId: string): Promise<void> {
  const browser = world.browserOf();
  const url = `${world.real.discovery.issuer}/grants/${encodeURIComponent(grantId)}/withdraw`;
  const page = await browser.open(url);
  if (!offers(page, 'withdraw-confirm')) throw new Error(`nothing can be withdrawn here: ${describeArrival(page)}`);
  await browser.press(page, 'withdraw-confirm');
}

/** Asks over one connection before something ends and right after it, until it is refused or the bound is over. */
async function endsWithin(world: VerdictWorld, token: Secret, end: () => Promise<void>): Promise<Seen> {
  const connection = keepConnection(world.client.caller, new URL(world.real.bankUrl).origin);
  try {
    const before = await ask(world, connection, token);
    if (before.status !== 200) return succeeded(before);
    await end();
    const ended = performance.now();
    let after = await ask(world, connection, token);
    while (after.status === 200 && performance.now() - ended < BOUND_MS) {
      await pause(GLANCE_MS);
      after = await ask(world, connection, token);
    }
    const held = after.status === 401 || after.status === 403;
    return seen(
      held,
      held ? `200, then ${after.status} within the bound` : `still ${after.status} after ${BOUND_MS} ms`,
    );
  } finally {
    await connection.close();
  }
}

const ask = ({ real }: VerdictWorld, connection: KeptConnection, token: Secret) =>
  connection.call({ method: 'GET', url: `${real.bankUrl}/accounts`, headers: [bearer(token)] });
