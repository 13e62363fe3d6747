import { randomInt, randomUUID } from 'node:crypto';
import { accountInformation } from '../../real/lab-client.ts';
import type { SigningClient } from '../../real/signing-client.ts';
import { describeArrival, logInAndDecide, offers } from '../../wire/browser.ts';
import type { Arrival } from '../../wire/browser.ts';
import { textOf } from '../../wire/html-form.ts';
import type { Exchange, Field } from '../../wire/https-call.ts';
import { jsonOf } from '../../wire/https-call.ts';
import type { Json, JwsOptions, SigningKey } from '../../wire/jws.ts';
import { strangeKey } from '../../wire/jws.ts';
import type { Secret } from '../../wire/secret.ts';
import { describeAnswer } from '../../wire/wire-answer.ts';
import { inSeconds } from '../objects.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';
import { randomnessOf } from './par.ts';

const GRANT = 'urn:openid:params:grant-type:ciba';
/** Seconds. Nobody decides most of these requests, and they are not to wait for long. */
const LIFE = 30;
const REFUSED = '400 invalid_request for each fault, 200 without';

/** Asking a person on another device. */
export const backchannelProbes: readonly Probe[] = [
  probe('CIBA-01', '400 invalid_request unsigned or signed by somebody else, 200 signed', async (world) => {
    const { ciba } = world.real;
    const unsigned = await callAs(world, ciba, parametersFor(world, newMessage()));
    const signed: readonly Signing[] = [{ algorithm: 'none' }, { key: { ...strangeKey(), kid: ciba.key.kid ?? '' } }];
    const faults = await Promise.all(signed.map((signing) => ask(world, {}, signing)));
    return all(...[unsigned, ...faults].map(isRefused), succeeded(await ask(world)));
  }),
  ofClaims('CIBA-02', (world) => [
    { aud: 'https://other.invalid' },
    { aud: undefined },
    { iss: world.client.clientId },
    { iss: undefined },
  ]),
  ofClaims('CIBA-03', () => [
    { exp: undefined },
    { iat: undefined },
    { nbf: undefined },
    { exp: inSeconds(61 * 60) },
    { nbf: inSeconds(-61 * 60), exp: inSeconds(60) },
  ]),
  probe('CIBA-04', '400 without jti and for the second use, 200 for the first', async (world) => {
    const object = objectFor(world);
    const first = await callAs(world, world.real.ciba, [['request', object]]);
    const again = await callAs(world, world.real.ciba, [['request', object]]);
    return all(succeeded(first), isRefused(again), isRefused(await ask(world, { jti: undefined })));
  }),
  ofClaims('CIBA-05', () => [{ login_hint: undefined }, { id_token_hint: 'e30.e30.e30' }]),
  probe('CIBA-06', 'different ones, each with 27 random characters at least', async (world) => {
    const ids = [await begin(world), await begin(world), await begin(world)].map(({ id }) => id.reveal());
    const long = ids.every(({ length }) => length >= 27);
    return all(randomnessOf(ids), seen(long, long ? 'long enough' : 'too short'));
  }),
  probe('CIBA-07', '400 invalid_grant for another, 400 authorization_pending for its own client', async (world) => {
    const { id } = await begin(world);
    const foreign = await poll(world, id, world.real.otherCiba);
    return all(
      refusedWith(foreign, 400, 'invalid_grant'),
      refusedWith(await poll(world, id), 400, 'authorization_pending'),
    );
  }),
  probe('CIBA-08', '400 authorization_pending', async (world) =>
    refusedWith(await poll(world, (await begin(world)).id), 400, 'authorization_pending'),
  ),
  probe('CIBA-09', '400 authorization_pending, then 400 slow_down', async (world) => {
    const { id } = await begin(world);
    return all(
      refusedWith(await poll(world, id), 400, 'authorization_pending'),
      refusedWith(await poll(world, id), 400, 'slow_down'),
    );
  }),
  probe('CIBA-11', '400 access_denied', async (world) => {
    const { id, message } = await begin(world);
    await decide(world, message, 'consent-deny');
    return refusedWith(await poll(world, id), 400, 'access_denied');
  }),
  probe('CIBA-12', '200 for a number and for a text, with that life', async (world) => {
    const answers = [await ask(world, { requested_expiry: LIFE }), await ask(world, { requested_expiry: `${LIFE}` })];
    return all(
      ...answers.map((answer) => {
        const { expires_in: life } = jsonOf(answer);
        return seen(answer.status === 200 && life === LIFE, `${describeAnswer(answer.answer)}, ${String(life)} s`);
      }),
    );
  }),
  probe('CIBA-13', 'the message as it was sent', async (world) => {
    const { message } = await begin(world);
    const shown = textOf((await questionFor(world, message)).exchange.body, 'binding-message');
    return seen(shown === message, shown === message ? 'the same message' : 'another message, or none');
  }),
  probe('CIBA-14', '200 with an access token once the person has agreed', async (world) => {
    const { id, message } = await begin(world);
    await decide(world, message, 'consent-approve');
    const answer = await poll(world, id);
    if (answer.status === 200) world.real.ciba.linkFrom(answer);
    return all(succeeded(answer), seen('access_token' in jsonOf(answer), Object.keys(jsonOf(answer)).join(', ')));
  }),
  probe('CIBA-16', 'poll and ping, and no push', async (world) => {
    const { backchannel_token_delivery_modes_supported: modes } = await world.metadata();
    const names = Array.isArray(modes) ? modes.map(String) : [];
    return seen(names.length > 0 && names.every((name) => name === 'poll' || name === 'ping'), names.join(', '));
  }),
];

type Signing = JwsOptions & { readonly key?: SigningKey };

/** Each of these claims is refused, while the honest request is taken. */
function ofClaims(line: string, faults: (world: VerdictWorld) => readonly Json[]): Probe {
  return probe(line, REFUSED, async (world) => {
    const sights: Seen[] = [];
    for (const claims of faults(world)) sights.push(isRefused(await ask(world, claims)));
    return all(...sights, succeeded(await ask(world)));
  });
}

const isRefused = (exchange: Exchange): Seen => refusedWith(exchange, 400, 'invalid_request');

/** What a person compares on her two devices; another each time, so that a request is found again. */
const newMessage = (): string => String(randomInt(10_000_000, 99_999_999));

function parametersFor({ real }: VerdictWorld, message: string): readonly Field[] {
  return [
    ['scope', 'openid'],
    ['login_hint', real.alice.login],
    ['binding_message', message],
    ['requested_expiry', String(LIFE)],
    ['authorization_details', JSON.stringify(accountInformation(real.bankUrl))],
  ];
}

function objectFor(world: VerdictWorld, claims: Json = {}, signing: Signing = {}, message = newMessage()): Secret {
  return world.real.ciba.requestObject(parametersFor(world, message), { jti: randomUUID(), ...claims }, signing);
}

/** Asks with a request object that differs from the honest one. CIBA-CORE-7.1.1 */
const ask = (world: VerdictWorld, claims: Json = {}, signing: Signing = {}): Promise<Exchange> =>
  callAs(world, world.real.ciba, [['request', objectFor(world, claims, signing)]]);

async function callAs(world: VerdictWorld, client: SigningClient, form: readonly Field[]): Promise<Exchange> {
  const metadata = await world.metadata();
  const aliases = (metadata['mtls_endpoint_aliases'] ?? {}) as Json;
  const url = aliases['backchannel_authentication_endpoint'] ?? metadata['backchannel_authentication_endpoint'];
  if (typeof url !== 'string') throw new Error('the metadata have no backchannel_authentication_endpoint');
  return client.call(url, [['client_id', client.clientId], ...form]);
}

interface Begun {
  readonly id: Secret;
  readonly message: string;
}

/** A request that waits for Alice. */
async function begin(world: VerdictWorld): Promise<Begun> {
  const { ciba } = world.real;
  const message = newMessage();
  const exchange = await callAs(world, ciba, [['request', objectFor(world, {}, {}, message)]]);
  const { auth_req_id: id } = jsonOf(exchange);
  if (typeof id !== 'string') throw new Error(`the honest request was refused: ${describeAnswer(exchange.answer)}`);
  return { id: ciba.keep(id), message };
}

/** CIBA-CORE-10.1 */
function poll({ real }: VerdictWorld, id: Secret, client = real.ciba): Promise<Exchange> {
  return client.askForToken([
    ['grant_type', GRANT],
    ['client_id', client.clientId],
    ['auth_req_id', id],
  ]);
}

/** The page on Alice's other device that asks about the request with this message. */
async function questionFor(world: VerdictWorld, message: string): Promise<Arrival> {
  const browser = world.browserOf();
  const list = await logInAndDecide(
    browser,
    await browser.open(`${world.real.discovery.issuer}/approvals`),
    world.real.alice,
  );
  const [, path] = new RegExp(`>${message}<[\\s\\S]*?href="([^"]+)"`).exec(list.exchange.body) ?? [];
  if (path === undefined) throw new Error(`nothing waits under ${message}: ${describeArrival(list)}`);
  return browser.open(new URL(path, world.real.discovery.issuer).href);
}

async function decide(
  world: VerdictWorld,
  message: string,
  decision: 'consent-approve' | 'consent-deny',
): Promise<void> {
  const question = await questionFor(world, message);
  if (!offers(question, decision)) throw new Error(`there is no question: ${describeArrival(question)}`);
  await world.browserOf().press(question, decision);
}
