import type { LabClient } from '../../real/lab-client.ts';
import type { SigningClient } from '../../real/signing-client.ts';
import { httpsCall } from '../../wire/https-call.ts';
import { describeAnswer } from '../../wire/wire-answer.ts';
import type { Changes } from '../flow.ts';
import { push, pushed } from '../flow.ts';
import { pushObject } from '../objects.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

export const policyProbes: readonly Probe[] = [
  probe('POL-02', '401 invalid_client for a list, 201 for the issuer as one string', (world) => {
    const { assertion, discovery } = world.real;
    return audiences(world, assertion, [[discovery.issuer]], [discovery.issuer]);
  }),
  probe('POL-03', '401 invalid_client for an endpoint, 201 for the issuer', (world) => {
    const { assertion, discovery } = world.real;
    const { mtls, ordinary, issuer } = discovery;
    return audiences(world, assertion, [mtls.token, ordinary.token, mtls.par, ordinary.par], [issuer]);
  }),
  probe('POL-04', '201 for each of them, 401 invalid_client for another server', (world) => {
    const { fapi1, discovery } = world.real;
    const { mtls, ordinary, issuer } = discovery;
    const right = [issuer, mtls.token, ordinary.token, ordinary.par, [issuer], ['https://other.invalid', issuer]];
    return audiences(world, fapi1, ['https://other.invalid'], right);
  }),
  probe('POL-05', '400', async (world) =>
    all(await unregistered(world, world.client, ''), await unregistered(world, world.client, '/')),
  ),
  probe('POL-06', '400 for a redirect URI that differs in one character', async (world) =>
    all(await unregistered(world, world.real.fapi1, '/'), await unregistered(world, world.real.fapi1, '?x=1')),
  ),
  probe('POL-07', '201 for code, 400 for anything else', async (world) =>
    all(
      await responseIs(world, world.client, 'taken', { response_type: 'code' }),
      await responseIs(world, world.client, 'refused', { response_type: 'code id_token', nonce: 'n' }),
      await responseIs(world, world.client, 'refused', { response_type: 'id_token', nonce: 'n' }),
    ),
  ),
  probe('POL-08', '201 for the two, 400 for code with an unsigned answer', async (world) => {
    const { fapi1 } = world.real;
    return all(
      await responseIs(world, fapi1, 'taken', { response_type: 'code', response_mode: 'jwt' }),
      await responseIs(world, fapi1, 'taken', { response_type: 'code id_token', response_mode: undefined, nonce: 'n' }),
      await responseIs(world, fapi1, 'refused', { response_type: 'code', response_mode: undefined }),
      await responseIs(world, fapi1, 'refused', { response_type: 'code', response_mode: 'query' }),
      await responseIs(world, fapi1, 'refused', { response_type: 'id_token', nonce: 'n' }),
    );
  }),
  probe('POL-09', '400 without a challenge and with a plain one', (world) => onlyS256(world, world.client)),
  probe('POL-10', '400 without a challenge and with a plain one', (world) => onlyS256(world, world.real.fapi1)),
  probe('POL-11', 'the header with a UUID, on an answer to nobody', async (world) => {
    const url = `${world.real.bankUrl}/accounts`;
    const { headers } = await httpsCall(world.anybody, { method: 'GET', url, unnamed: true });
    const id = headers.get('x-fapi-interaction-id');
    return seen(/^[\da-f-]{36}$/.test(id ?? ''), id === undefined ? 'no header' : 'the header');
  }),
  probe('POL-12', '400 unsigned from the one, 201 unsigned from the other', async (world) => {
    const { signing, discovery } = world.real;
    const unsigned = await signing.call(discovery.mtls.par, signing.authorizationRequest(signing.newVerifier(), 's'));
    return all(refusedWith(unsigned, 400, 'invalid_request'), succeeded((await push(world)).exchange, 201));
  }),
  probe('POL-13', '400 unsigned, 201 signed', async (world) => {
    const { fapi1, discovery } = world.real;
    const unsigned = await fapi1.call(discovery.mtls.par, fapi1.authorizationRequest(fapi1.newVerifier(), 's'));
    const signed = await pushObject(world, { client: fapi1 });
    return all(refusedWith(unsigned, 400, 'invalid_request'), succeeded(signed.exchange, 201));
  }),
  probe('POL-14', '201 either way', async (world) =>
    all(
      await responseIs(world, world.client, 'taken', { state: undefined, nonce: undefined }),
      await responseIs(world, world.client, 'taken', { state: 's', nonce: 'n' }),
    ),
  ),
  probe('POL-15', '400 without a nonce, 201 with one', async (world) => {
    const hybrid = { response_type: 'code id_token', response_mode: undefined };
    return all(
      await responseIs(world, world.real.fapi1, 'refused', { ...hybrid, nonce: undefined }),
      await responseIs(world, world.real.fapi1, 'taken', { ...hybrid, nonce: 'n' }),
    );
  }),
];

/** Pushes with an assertion for each audience. */
async function audiences(
  world: VerdictWorld,
  client: SigningClient,
  wrong: readonly unknown[],
  right: readonly unknown[],
): Promise<Seen> {
  const withAudience = async (aud: unknown) => {
    const form = [
      ...client.asPushed(client.authorizationRequest(client.newVerifier(), 'state')),
      ...client.credentials(client.assertion({ aud })),
    ];
    return client.call(world.real.discovery.mtls.par, form);
  };
  const sights: Seen[] = [];
  for (const aud of wrong) sights.push(refusedWith(await withAudience(aud), 401, 'invalid_client'));
  for (const aud of right) sights.push(succeeded(await withAudience(aud), 201));
  return all(...sights);
}

/** A redirect URI with something behind the registered one; another altogether when that is nothing. */
async function unregistered(world: VerdictWorld, client: LabClient, suffix: string): Promise<Seen> {
  await pushed(world, {}, { client });
  const uri = suffix === '' ? 'https://evil.invalid/callback' : client.redirectUri + suffix;
  const { exchange } = await push(world, { redirect_uri: uri }, { client });
  return refusedWith(exchange, 400, 'invalid_request');
}

async function responseIs(
  world: VerdictWorld,
  client: LabClient,
  expected: 'taken' | 'refused',
  changes: Changes,
): Promise<Seen> {
  const { exchange } = await push(world, changes, { client });
  const { status, answer } = exchange;
  return seen(status === (expected === 'taken' ? 201 : 400), describeAnswer(answer));
}

async function onlyS256(world: VerdictWorld, client: LabClient): Promise<Seen> {
  await pushed(world, {}, { client });
  return all(
    await responseIs(world, client, 'refused', { code_challenge: undefined, code_challenge_method: undefined }),
    await responseIs(world, client, 'refused', { code_challenge_method: 'plain' }),
  );
}
