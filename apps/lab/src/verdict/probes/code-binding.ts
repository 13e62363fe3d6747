import type { SigningClient } from '../../real/signing-client.ts';
import { thumbprintOfKey } from '../../wire/dpop.ts';
import type { Exchange, Field } from '../../wire/https-call.ts';
import { challengeOf } from '../../real/lab-client.ts';
import type { Answered } from '../flow.ts';
import { codeOf, decided, pushed, taken } from '../flow.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';

/** Codes that one DPoP key alone may redeem. RFC9449-10 */
export const codeBindingProbes: readonly Probe[] = [
  probe('PAR-28', '400 for another key, 200 for the named one', async (world) => {
    const client = world.real.assertion;
    const attempt = await pushed(world, { dpop_jkt: jktOf(client) }, { client });
    return worksForOneKey(client, await decided(world, attempt));
  }),
  probe('PAR-29', '400 for another key, 200 for the proven one', async (world) => {
    const client = world.real.assertion;
    const verifier = client.newVerifier();
    const exchange = await client.callProving(world.real.discovery.mtls.par, requestOf(client, challengeOf(verifier)));
    return worksForOneKey(client, await decided(world, taken({ client, verifier, exchange })));
  }),
  probe('PAR-30', '201 without it, 400 with another key’s', async (world) => {
    const client = world.real.assertion;
    const other = jktOf(client.provingAnother());
    const form: readonly Field[] = [...requestOf(client, challengeOf(client.newVerifier())), ['dpop_jkt', other]];
    const { par } = world.real.discovery.mtls;
    const honest = await client.callProving(par, requestOf(client, challengeOf(client.newVerifier())));
    const refused = refusedWith(await client.callProving(par, form), 400, 'invalid_dpop_proof', 'invalid_request');
    return all(succeeded(honest, 201), refused);
  }),
];

function jktOf({ dpopKey, clientId }: SigningClient): string {
  if (dpopKey === undefined) throw new Error(`${clientId} proves no key`);
  return thumbprintOfKey(dpopKey);
}

function requestOf(client: SigningClient, challenge: string): readonly Field[] {
  const fields = client.authorizationRequest(client.newVerifier(), 'state');
  return fields.map((field): Field => (field[0] === 'code_challenge' ? [field[0], challenge] : field));
}

/** A refused redemption by the wrong key must not burn the code. */
async function worksForOneKey(client: SigningClient, answer: Answered): Promise<Seen> {
  const redemption = client.redemption({ code: codeOf(answer), verifier: answer.verifier });
  const wrong: Exchange = await client.provingAnother().askForToken(redemption);
  const right = await client.askForToken(redemption);
  if (right.status === 200) client.linkFrom(right);
  return all(refusedWith(wrong, 400, 'invalid_grant', 'invalid_dpop_proof'), succeeded(right));
}
