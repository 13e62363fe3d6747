import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { SigningClient } from '../../real/signing-client.ts';
import type { ProofChanges, ProofRequest } from '../../wire/dpop.ts';
import { dpopProof } from '../../wire/dpop.ts';
import type { Exchange, Field } from '../../wire/https-call.ts';
import { httpsCall } from '../../wire/https-call.ts';
import { publicJwkOf } from '../../wire/jws.ts';
import type { Secret } from '../../wire/secret.ts';
import { tokens } from '../flow.ts';
import { inSeconds } from '../objects.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

const REFUSED = '401 invalid_dpop_proof';

/** DPoP proofs at the bank. RFC9449-7 */
export const bankDpopProbes: readonly Probe[] = [
  probe('RS-25', '401 without a proof and with two, 200 with one', async (world) => {
    const token = await dpopToken(world);
    const { assertion: client } = world.real;
    const one = await proofFor(world, token);
    const other = client.proof(requestFor(world, token));
    return all(
      unserved(await askProving(world, token, [])),
      unserved(await askProving(world, token, [one, other])),
      succeeded(await askProving(world, token, [client.proof(requestFor(world, token))])),
    );
  }),
  ofProofs('RS-26', (world) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = keyOf(world.real.assertion);
    const whole = key.privateKey.export({ format: 'jwk' });
    return [
      { header: { typ: 'JWT' } },
      { header: { typ: undefined } },
      { algorithm: 'none' },
      { header: { jwk: undefined } },
      { header: { jwk: whole } },
      { header: { jwk: { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url') } } },
      { header: { jwk: publicJwkOf({ algorithm: 'ES256', privateKey }) } },
    ];
  }),
  probe('RS-27', `${REFUSED} without jti, for the second use and out of time; 200 for the first`, async (world) => {
    const token = await dpopToken(world);
    const once = await proofFor(world, token, { claims: { jti: randomUUID() } });
    const first = await askProving(world, token, [once]);
    const again = await askProving(world, token, [once]);
    const faults: readonly ProofChanges[] = [
      { claims: { jti: undefined } },
      { claims: { iat: inSeconds(-3600) } },
      { claims: { iat: inSeconds(120) } },
    ];
    return all(succeeded(first), isRefused(again), ...(await refusals(world, faults)));
  }),
  ofProofs('RS-28', () => [{ claims: { htm: 'POST' } }, { claims: { htm: 'get' } }, { claims: { htm: undefined } }]),
  probe('RS-29', `${REFUSED} for another address, 200 with a query and a fragment`, async (world) => {
    const { bankUrl, discovery } = world.real;
    const others = ['https://evil.invalid/accounts', `${bankUrl}/balances`, discovery.mtls.token];
    const token = await dpopToken(world);
    const decorated = await proofFor(world, token, { claims: { htu: `${bankUrl}/accounts?x=1#y` } });
    return all(
      ...(await refusals(
        world,
        others.map((htu) => ({ claims: { htu } })),
      )),
      succeeded(await askProving(world, token, [decorated])),
    );
  }),
  ofProofs('RS-30', () => [{ claims: { ath: undefined } }, { claims: { ath: 'x'.repeat(43) } }]),
  probe('RS-31', '401 use_dpop_nonce with DPoP-Nonce, 200 with that nonce', async (world) => {
    const token = await dpopToken(world);
    const key = keyOf(world.real.assertion);
    const bare = await askProving(world, token, [dpopProof(key, requestFor(world, token))]);
    const nonce = bare.headers.get('dpop-nonce') ?? '';
    const again = await askProving(world, token, [dpopProof(key, { ...requestFor(world, token), nonce })]);
    return all(refusedWith(bare, 401, 'use_dpop_nonce'), succeeded(again));
  }),
];

/** Each fault is refused, while a proof without it is served. */
function ofProofs(line: string, faults: (world: VerdictWorld) => readonly ProofChanges[]): Probe {
  return probe(line, `${REFUSED} for each fault, 200 without`, async (world) => {
    const token = await dpopToken(world);
    const sights = await refusals(world, faults(world));
    return all(...sights, succeeded(await askProving(world, token, [await proofFor(world, token)])));
  });
}

async function refusals(world: VerdictWorld, faults: readonly ProofChanges[]): Promise<readonly Seen[]> {
  const token = await dpopToken(world);
  const sights: Seen[] = [];
  for (const fault of faults)
    sights.push(isRefused(await askProving(world, token, [await proofFor(world, token, fault)])));
  return sights;
}

/** One token bound to a DPoP key, which the questions about proofs share. */
const dpopToken = (world: VerdictWorld): Promise<Secret> =>
  world.once('DPoP token', async () => (await tokens(world, {}, { client: world.real.assertion })).accessToken);

const requestFor = ({ real }: VerdictWorld, token: Secret): ProofRequest => ({
  method: 'GET',
  url: `${real.bankUrl}/accounts`,
  token,
});

/** A proof with the nonce that the bank demands now: it gives the next with every answer. */
async function proofFor(world: VerdictWorld, token: Secret, changes: ProofChanges = {}): Promise<Secret> {
  const { assertion: client } = world.real;
  const request = requestFor(world, token);
  await client.ask(token, request.url);
  return client.proof(request, changes);
}

function askProving({ real }: VerdictWorld, token: Secret, proofs: readonly Secret[]): Promise<Exchange> {
  const headers: readonly Field[] = [
    ['authorization', token.after('DPoP ')],
    ...proofs.map((proof): Field => ['dpop', proof]),
  ];
  return httpsCall(real.assertion.caller, { method: 'GET', url: `${real.bankUrl}/accounts`, headers });
}

const isRefused = (exchange: Exchange): Seen => refusedWith(exchange, 401, 'invalid_dpop_proof');

const unserved = ({ answer, status }: Exchange): Seen =>
  seen(
    status === 401 || status === 400,
    answer.kind === 'http' ? `${status} ${answer.error ?? ''}`.trim() : answer.kind,
  );

function keyOf({ dpopKey, clientId }: SigningClient) {
  if (dpopKey === undefined) throw new Error(`${clientId} proves no key`);
  return dpopKey;
}
