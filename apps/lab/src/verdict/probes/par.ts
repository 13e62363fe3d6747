import { httpsCall, jsonOf } from '../../wire/https-call.ts';
import { describeAnswer } from '../../wire/wire-answer.ts';
import { push, pushed } from '../flow.ts';
import { honestObject } from '../objects.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

const INVALID_REQUEST = '400 invalid_request';

/** Plain pushes; those with signed objects and DPoP keys are in files of their own. */
export const parProbes: readonly Probe[] = [
  probe('PAR-01', '201 with request_uri and expires_in', async (world) => {
    const { exchange } = await push(world);
    const { request_uri: uri, expires_in: seconds } = jsonOf(exchange);
    const whole = typeof uri === 'string' && typeof seconds === 'number';
    return all(succeeded(exchange, 201), seen(whole, whole ? 'both members' : 'a member is missing'));
  }),
  probe('PAR-02', 'different ones, each with 22 random characters at least', randomness),
  probe('PAR-03', 'from 60 to 90 seconds', async (world) => {
    const seconds = Number(jsonOf((await push(world)).exchange)['expires_in']);
    return seen(seconds >= 60 && seconds <= 90, `${seconds} s`);
  }),
  probe('PAR-04', '401 invalid_client without the certificate, and with another client’s', async (world) => {
    const { real, anybody, stranger } = world;
    const elsewhere = await httpsCall(anybody, {
      method: 'POST',
      url: real.discovery.ordinary.par,
      form: world.client.authorizationRequest(world.client.newVerifier(), 'state'),
    });
    return all(
      refusedWith((await push(world, {}, { caller: anybody })).exchange, 401, 'invalid_client'),
      refusedWith((await push(world, {}, { caller: stranger.caller })).exchange, 401, 'invalid_client'),
      refusedWith(elsewhere, 401, 'invalid_client'),
    );
  }),
  probe('PAR-05', '201 for a form without client_id', async (world) =>
    succeeded((await push(world, { client_id: undefined }, { client: world.real.assertion })).exchange, 201),
  ),
  refused('PAR-06', (world) => push(world, { request_uri: 'urn:ietf:params:oauth:request_uri:any' })),
  refused('PAR-09', (world) => push(world, { code_challenge: undefined })),
  besideHonest('PAR-10', INVALID_REQUEST, async (world) =>
    all(
      refusedWith((await push(world, { code_challenge_method: 'plain' })).exchange, 400, 'invalid_request'),
      refusedWith((await push(world, { code_challenge_method: undefined })).exchange, 400, 'invalid_request'),
    ),
  ),
  probe('PAR-11', INVALID_REQUEST, async (world) => {
    const { signing, discovery } = world.real;
    await honestObject(world, signing);
    const plain = signing.authorizationRequest(signing.newVerifier(), 'state');
    return refusedWith(await signing.call(discovery.mtls.par, plain), 400, 'invalid_request');
  }),
  besideHonest('PAR-12', INVALID_REQUEST, async (world) =>
    all(
      refusedWith((await push(world, { state: 'x'.repeat(4000) })).exchange, 400, 'invalid_request'),
      refusedWith((await push(world, { nonce: 'x'.repeat(4000) })).exchange, 400, 'invalid_request'),
    ),
  ),
  probe('PAR-13', '201', async (world) =>
    succeeded((await push(world, { nonce: 'n'.repeat(64), state: 's'.repeat(128) })).exchange, 201),
  ),
  refused('PAR-14', (world) => push(world, { redirect_uri: undefined })),
  besideHonest('PAR-15', '400 at the endpoint itself', async (world) => {
    const { exchange } = await push(world, { response_type: 'token' });
    return refusedWith(exchange, 400, 'unsupported_response_type', 'unauthorized_client', 'invalid_request');
  }),
  probe('PAR-31', '405', async (world) => {
    const methods = ['GET', 'PUT', 'DELETE', 'PATCH'] as const;
    const url = world.real.discovery.mtls.par;
    const answers = await Promise.all(methods.map((method) => httpsCall(world.client.caller, { method, url })));
    return all(...answers.map(({ answer, status }) => seen(status === 405, describeAnswer(answer))));
  }),
];

function refused(line: string, act: (world: VerdictWorld) => ReturnType<typeof push>): Probe {
  const judge = async (world: VerdictWorld) => refusedWith((await act(world)).exchange, 400, 'invalid_request');
  return besideHonest(line, INVALID_REQUEST, judge);
}

/** A refusal says something only when the same request without the fault is taken. */
function besideHonest(line: string, expected: string, ask: Probe['ask']): Probe {
  return probe(line, expected, async (world) => {
    await world.once('honest push', () => pushed(world));
    return ask(world);
  });
}

/** Nobody can measure chance from outside; that it has the room and is used can be seen. */
async function randomness(world: VerdictWorld): Promise<Seen> {
  const uris: string[] = [];
  for (let count = 0; count < 8; count += 1) uris.push((await pushed(world)).requestUri);
  return randomnessOf(uris.map((uri) => uri.slice(uri.lastIndexOf(':') + 1)));
}

/** 22 characters of base64url hold 132 bits. Two values that share a beginning were not drawn one by one. */
export function randomnessOf(values: readonly string[]): Seen {
  const shortest = Math.min(...values.map(({ length }) => length));
  const beginnings = new Set(values.map((value) => value.slice(0, 8)));
  const held = shortest >= 22 && beginnings.size === values.length && values.every((value) => /^[\w-]+$/.test(value));
  return seen(held, `${values.length} values of ${shortest} characters, ${beginnings.size} different beginnings`);
}
