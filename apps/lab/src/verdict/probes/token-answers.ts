import { thumbprintOfKey } from '../../wire/dpop.ts';
import { thumbprintOf } from '../../wire/caller.ts';
import type { Exchange } from '../../wire/https-call.ts';
import { httpsCall, jsonOf } from '../../wire/https-call.ts';
import { readJwt } from '../../wire/jws.ts';
import type { Json } from '../../wire/jws.ts';
import { describeAnswer } from '../../wire/wire-answer.ts';
import type { SigningClient } from '../../real/signing-client.ts';
import { answered, codeOf, granted, push, tokens } from '../flow.ts';
import { askInOwnName, ownNameForm } from '../own-name.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** What tokens are bound to, and how the endpoint answers and refuses. */
export const tokenAnswerProbes: readonly Probe[] = [
  probe('TOK-22', '400 without the key, 200 with a bound token', async (world) => {
    const { signing } = world.real;
    const answer = await answered(world, { response_mode: undefined }, { client: signing });
    const redemption = signing.redemption({ code: codeOf(answer), verifier: answer.verifier });
    return boundOrNothing(world, signing, redemption);
  }),
  probe('TOK-23', '400 without the key, 200 with a bound token', async (world) => {
    const { signing } = world.real;
    const { refreshToken } = await tokens(world, { response_mode: undefined }, { client: signing });
    return boundOrNothing(world, signing, [
      ['grant_type', 'refresh_token'],
      ['refresh_token', refreshToken],
    ]);
  }),
  probe('TOK-24', '400 without the key, 200 with a bound token', (world) =>
    boundOrNothing(world, world.real.signing, ownNameForm(world.real.signing)),
  ),
  probe('TOK-25', 'Bearer, and the thumbprint of the client’s certificate', async (world) => {
    const { response } = await granted(world);
    const bound = confirmationIn(response)['x5t#S256'] === thumbprintOf(world.real.held.first.certificatePem);
    return seen(
      response['token_type'] === 'Bearer' && bound,
      `${String(response['token_type'])}, ${bound ? 'bound to it' : 'not bound to it'}`,
    );
  }),
  probe('TOK-26', 'DPoP, and the thumbprint of the client’s key', async (world) => {
    const client = world.real.assertion;
    const { response } = await tokens(world, {}, { client });
    const bound = client.dpopKey !== undefined && confirmationIn(response)['jkt'] === thumbprintOfKey(client.dpopKey);
    return seen(
      response['token_type'] === 'DPoP' && bound,
      `${String(response['token_type'])}, ${bound ? 'bound to it' : 'not bound to it'}`,
    );
  }),
  probe('TOK-27', 'a number of seconds', async (world) => {
    const { expires_in: seconds } = (await granted(world)).response;
    return seen(typeof seconds === 'number' && seconds > 0, `${String(seconds)} (${typeof seconds})`);
  }),
  probe('TOK-28', 'Cache-Control no-store', async (world) => {
    const policy = (await granted(world)).exchange.headers.get('cache-control');
    return seen(policy?.includes('no-store') === true, policy ?? 'no header');
  }),
  probe('TOK-32', '200 without a refresh token', async (world) => {
    const exchange = await askInOwnName(world.client);
    const members = Object.keys(jsonOf(exchange));
    return all(succeeded(exchange), seen(!members.includes('refresh_token'), members.join(', ')));
  }),
  probe('TOK-41', '400, and 401 for invalid_client alone', async (world) => {
    const answers = await errorsOf(world);
    const kinds = new Set(answers.map(({ answer }) => (answer.kind === 'http' ? answer.error : undefined)));
    return all(
      ...answers.map(({ answer, status }) => {
        const error = answer.kind === 'http' ? answer.error : undefined;
        return seen(error !== undefined && status === (error === 'invalid_client' ? 401 : 400), describeAnswer(answer));
      }),
      // One error for everything would say nothing about the others.
      seen(kinds.size >= 4 && kinds.has('invalid_client'), `${kinds.size} kinds of errors`),
    );
  }),
  probe('TOK-42', 'application/json with an error', async (world) =>
    all(
      ...(await errorsOf(world)).map((exchange) => {
        const type = exchange.headers.get('content-type') ?? 'no type';
        return seen(type.startsWith('application/json') && typeof jsonOf(exchange)['error'] === 'string', type);
      }),
    ),
  ),
  probe('TOK-43', 'a sentence of the allowed characters', async (world) => {
    const sentences = (await errorsOf(world)).map((exchange) => jsonOf(exchange)['error_description']);
    const fit = sentences.filter((text) => typeof text === 'string' && /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/.test(text));
    return seen(fit.length === sentences.length, `${fit.length} of ${sentences.length} sentences`);
  }),
  probe('TOK-44', '400 invalid_request', async (world) => {
    const form = ownNameForm(world.client);
    const answers = [
      await world.client.askForToken([...form, ['grant_type', 'client_credentials']]),
      await world.client.askForToken([...form, ['scope', 'grant_management_query']]),
    ];
    return all(
      ...answers.map((answer) => refusedWith(answer, 400, 'invalid_request')),
      succeeded(await askInOwnName(world.client)),
    );
  }),
  probe('TOK-45', '400 invalid_authorization_details', async (world) => {
    const { bankUrl } = world.real;
    const honest = { type: 'account_information', actions: ['list_accounts'], locations: [bankUrl] };
    const odd = [
      { ...honest, type: 'payment_initiation' },
      { ...honest, amount: '1.00' },
      { ...honest, actions: ['pay'] },
    ];
    const sights: Seen[] = [];
    for (const detail of odd) {
      const { exchange } = await push(world, { authorization_details: JSON.stringify([detail]) });
      sights.push(refusedWith(exchange, 400, 'invalid_authorization_details'));
    }
    const { exchange } = await push(world, { authorization_details: JSON.stringify([honest]) });
    return all(...sights, succeeded(exchange, 201));
  }),
];

const confirmationIn = (response: Json): Json => (readJwt(response['access_token']).claims['cnf'] ?? {}) as Json;

/** The same request over a connection without a certificate, and over one with the client's. */
async function boundOrNothing(
  { real }: VerdictWorld,
  client: SigningClient,
  form: Parameters<SigningClient['call']>[1],
): Promise<Seen> {
  const bare = await httpsCall(real.caller('somebody without the key'), {
    method: 'POST',
    url: client.tokenEndpoint,
    form: [...form, ...client.credentials()],
  });
  const whole = await client.askForToken(form);
  if ('refresh_token' in jsonOf(whole)) client.linkFrom(whole);
  const thumbprint = confirmationIn(jsonOf(whole))['x5t#S256'];
  const bound = thumbprint === thumbprintOf(real.held.signing.certificatePem);
  return all(refusedWith(bare, 400, 'invalid_request'), succeeded(whole), seen(bound, bound ? 'bound' : 'not bound'));
}

/** Errors of several kinds, which the questions about errors share. */
function errorsOf(world: VerdictWorld): Promise<readonly Exchange[]> {
  return world.once('errors', async () => [
    await askInOwnName(world.client, {}, world.anybody),
    await askInOwnName(world.client, { grant_type: undefined }),
    await askInOwnName(world.client, { grant_type: 'password' }),
    await askInOwnName(world.client, { scope: 'everything' }),
    await world.client.askForToken([
      ['grant_type', 'authorization_code'],
      ['client_id', world.client.clientId],
      ['redirect_uri', world.client.redirectUri],
      ['code', 'a-code-nobody-issued'],
      ['code_verifier', world.client.newVerifier()],
    ]),
    await world.client.askForToken([
      ['grant_type', 'refresh_token'],
      ['client_id', world.client.clientId],
      ['refresh_token', 'a-token-nobody-issued'],
    ]),
  ]);
}
