import type { ProofChanges } from '../../wire/dpop.ts';
import { dpopProof } from '../../wire/dpop.ts';
import type { Exchange, Field } from '../../wire/https-call.ts';
import type { Secret } from '../../wire/secret.ts';
import { inSeconds } from '../objects.ts';
import { ownNameForm } from '../own-name.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** DPoP proofs at the token endpoint. */
export const dpopProbes: readonly Probe[] = [
  probe('TOK-38', '200 for nine seconds behind and ahead, 400 for seventy ahead', async (world) => {
    const sights: Seen[] = [];
    for (const seconds of [-9, 9])
      sights.push(succeeded(await askProving(world, await proof(world, { claims: { iat: inSeconds(seconds) } }))));
    const far = await askProving(world, await proof(world, { claims: { iat: inSeconds(70) } }));
    return all(...sights, refusedWith(far, 400, 'invalid_dpop_proof'));
  }),
  probe('TOK-39', '400 use_dpop_nonce with one DPoP-Nonce, and 200 with that nonce', async (world) => {
    const { assertion: client } = world.real;
    const key = client.dpopKey;
    if (key === undefined) throw new Error(`${client.clientId} proves no key`);
    const url = client.tokenEndpoint;
    const bare = await askProving(world, dpopProof(key, { method: 'POST', url }));
    const nonce = bare.headers.get('dpop-nonce') ?? '';
    const again = await askProving(world, dpopProof(key, { method: 'POST', url, nonce }));
    return all(
      refusedWith(bare, 400, 'use_dpop_nonce'),
      seen(
        /^[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+$/.test(nonce),
        nonce.includes(',') ? 'more than one nonce' : 'one nonce',
      ),
      succeeded(again),
    );
  }),
  probe('TOK-40', '200, then 400 invalid_dpop_proof', async (world) => {
    const once = await proof(world);
    return all(
      succeeded(await askProving(world, once)),
      refusedWith(await askProving(world, once), 400, 'invalid_dpop_proof'),
    );
  }),
];

/** A proof for the token endpoint with the nonce it demands now. */
async function proof({ real }: VerdictWorld, changes: ProofChanges = {}): Promise<Secret> {
  const { assertion: client } = real;
  await client.fetchNonce(client.tokenEndpoint);
  return client.proof({ method: 'POST', url: client.tokenEndpoint }, changes);
}

/** Asks for a token with this one proof and a fresh assertion. */
function askProving({ real }: VerdictWorld, one: Secret): Promise<Exchange> {
  const { assertion: client } = real;
  const header: Field = ['dpop', one];
  return client.call(client.tokenEndpoint, ownNameForm(client), [header]);
}
