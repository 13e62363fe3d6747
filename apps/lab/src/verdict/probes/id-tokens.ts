import type { Json } from '../../wire/jws.ts';
import { isSignedWith, readJwt } from '../../wire/jws.ts';
import type { Changes } from '../flow.ts';
import { tokens } from '../flow.ts';
import { inSeconds } from '../objects.ts';
import type { Probe } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** FAPI2-SP-FINAL-5.4.1-1 */
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA'];
/** What stands in every ID token, and what protects an answer. OIDC-CORE-2, OIDC-CORE-3.3.2.11 */
const ORDINARY = new Set(['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'at_hash', 'c_hash', 's_hash']);

export const idTokenProbes: readonly Probe[] = [
  probe('TOK-33', 'the same text', async (world) => {
    const nonce = 'n-0S6_WzA2Mj.~';
    const found = (await claimsFor(world, { nonce }))['nonce'];
    return seen(found === nonce, found === nonce ? 'the same text' : String(found));
  }),
  probe('TOK-34', 'a published key and an allowed algorithm, and it verifies', async (world) => {
    const { response } = await tokens(world);
    const { alg, kid } = readJwt(response['id_token']).header;
    const known = (await world.publishedKeys()).some((key) => key['kid'] === kid);
    const verifies = isSignedWith(response['id_token'], await world.publishedKeys());
    return seen(
      known && verifies && ALGORITHMS.includes(String(alg)),
      `${String(alg)}, ${known ? 'published' : 'unknown'} kid, ${verifies ? 'verifies' : 'does not verify'}`,
    );
  }),
  probe('TOK-35', 'a moment that has passed', async (world) => {
    const { auth_time: at } = await claimsFor(world, { max_age: '3600' });
    return seen(
      typeof at === 'number' && at <= inSeconds(10) && at > inSeconds(-3600),
      typeof at === 'number' ? 'auth_time' : 'no auth_time',
    );
  }),
  probe('TOK-36', 'nothing beside the ordinary claims', async (world) => {
    const names = Object.keys(await claimsFor(world, { nonce: undefined }));
    const odd = names.filter((name) => !ORDINARY.has(name));
    return seen(names.includes('sub') && odd.length === 0, names.join(', '));
  }),
  probe('TOK-37', 'no ID token, and one with the scope', async (world) => {
    const [one, other] = [await tokens(world, { scope: undefined }), await tokens(world)];
    return all(
      seen(!('id_token' in one.response), Object.keys(one.response).join(', ')),
      seen('id_token' in other.response, 'one with it'),
    );
  }),
  probe('TOK-49', 'acr', async (world) => {
    const { acr } = await claimsFor(world, { claims: JSON.stringify({ id_token: { acr: { essential: true } } }) });
    return seen(typeof acr === 'string' && acr !== '', String(acr));
  }),
];

async function claimsFor(world: VerdictWorld, changes: Changes): Promise<Json> {
  const { response } = await tokens(world, changes);
  return readJwt(response['id_token']).claims;
}
