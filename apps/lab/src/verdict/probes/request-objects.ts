import { strangeKey } from '../../wire/jws.ts';
import { decided, taken } from '../flow.ts';
import type { ObjectChanges } from '../objects.ts';
import { honestObject, inSeconds, pushObject } from '../objects.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import { readJwt } from '../../wire/jws.ts';
import type { VerdictWorld } from '../verdict-world.ts';

const MINUTE = 60;

/** Request objects, each wrong in one respect. */
export const requestObjectProbes: readonly Probe[] = [
  refused('PAR-07', (world) => [
    { claims: { request: world.real.signing.requestObject([]).reveal() } },
    { claims: { request_uri: 'urn:ietf:params:oauth:request_uri:any' } },
  ]),
  refused('PAR-08', () => [
    { form: { request: 'no object at all' } },
    { form: { request: 'e30.e30.e30' } },
    { claims: { aud: undefined } },
    { signing: { key: strangeKey() } },
  ]),
  refused('PAR-16', (world) => [
    { signing: { key: { ...strangeKey('rsa'), kid: kidOf(world) } } },
    { client: world.real.fapi1, signing: { key: { ...strangeKey('ec'), kid: world.real.fapi1.key.kid ?? '' } } },
  ]),
  // The key of the FAPI 1.0 client is an RSA key: its signature under RS256 is right, and forbidden.
  refused('PAR-17', (world) => [
    { client: world.real.fapi1, signing: { algorithm: 'RS256' } },
    { client: world.real.fapi1, signing: { algorithm: 'none' } },
    { signing: { algorithm: 'none' } },
  ]),
  refused('PAR-18', (world) => [
    { signing: { key: world.real.assertion.key } },
    { signing: { key: { ...world.real.assertion.key, kid: kidOf(world) } } },
  ]),
  refused('PAR-19', () => [{ claims: { exp: undefined } }, { claims: { nbf: undefined } }]),
  refused('PAR-20', () => [{ claims: { exp: inSeconds(61 * MINUTE) } }]),
  refused('PAR-21', () => [{ claims: { nbf: inSeconds(-61 * MINUTE), exp: inSeconds(MINUTE) } }]),
  accepted('PAR-22', () => [{ claims: { exp: inSeconds(5 * MINUTE) } }]),
  accepted('PAR-23', () => [{ claims: { nbf: inSeconds(9), iat: inSeconds(9) } }]),
  refused('PAR-24', () => [{ claims: { nbf: inSeconds(70) } }, { claims: { iat: inSeconds(70) } }]),
  probe('PAR-25', '400 invalid_request_object, and 201 for a list that holds the issuer', async (world) =>
    all(
      ...(await refusals(world, [{ claims: { aud: 'https://other.invalid' } }, { claims: { aud: undefined } }])),
      ...(await acceptances(world, [{ claims: { aud: ['https://other.invalid', world.real.discovery.issuer] } }])),
    ),
  ),
  refused('PAR-26', (world) => [
    { claims: { iss: world.client.clientId } },
    { claims: { iss: undefined } },
    { claims: { client_id: world.client.clientId } },
  ]),
  probe('PAR-27', 'the state within the object comes back, or the request is refused', outsideParameters),
];

const kidOf = (world: VerdictWorld): string => world.real.signing.key.kid ?? '';

function refused(line: string, changes: (world: VerdictWorld) => readonly ObjectChanges[]): Probe {
  return probe(line, '400 invalid_request_object', async (world) => all(...(await refusals(world, changes(world)))));
}

function accepted(line: string, changes: (world: VerdictWorld) => readonly ObjectChanges[]): Probe {
  return probe(line, '201', async (world) => all(...(await acceptances(world, changes(world)))));
}

async function refusals(world: VerdictWorld, changes: readonly ObjectChanges[]): Promise<readonly Seen[]> {
  const sights: Seen[] = [];
  for (const change of changes) {
    await honestObject(world, change.client ?? world.real.signing);
    sights.push(refusedWith((await pushObject(world, change)).exchange, 400, 'invalid_request_object'));
  }
  return sights;
}

async function acceptances(world: VerdictWorld, changes: readonly ObjectChanges[]): Promise<readonly Seen[]> {
  const sights: Seen[] = [];
  for (const change of changes) sights.push(succeeded((await pushObject(world, change)).exchange, 201));
  return sights;
}

async function outsideParameters(world: VerdictWorld): Promise<Seen> {
  await honestObject(world, world.real.signing);
  const attempt = await pushObject(world, {
    parameters: { state: 'within' },
    form: { state: 'outside', redirect_uri: 'https://evil.invalid/' },
  });
  if (attempt.exchange.status !== 201)
    return refusedWith(attempt.exchange, 400, 'invalid_request', 'invalid_request_object');
  const { to } = await decided(world, taken(attempt), { decision: 'consent-deny' });
  const { state } = readJwt(to.searchParams.get('response')).claims;
  const home = to.origin + to.pathname === world.real.signing.redirectUri;
  return seen(home && state === 'within', `state ${String(state)}, ${home ? 'to the client' : `to ${to.origin}`}`);
}
