import { httpsCall, jsonOf } from '../../wire/https-call.ts';
import type { Exchange, Field } from '../../wire/https-call.ts';
import { readJwt, strangeKey, signJws } from '../../wire/jws.ts';
import type { JwsAlgorithm } from '../../wire/jws.ts';
import { Secret } from '../../wire/secret.ts';
import { accountInformation } from '../../real/lab-client.ts';
import { askBank, granted, tokens } from '../flow.ts';
import { askInOwnName } from '../own-name.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedSomehow, refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** The bank; tokens that end while a connection is open, and DPoP proofs, are in files of their own. */
export const resourceServerProbes: readonly Probe[] = [
  probe('RS-01', 'refused', async (world) => {
    const { accessToken } = await granted(world);
    const url = `${world.real.bankUrl}/accounts?access_token=${accessToken.reveal()}`;
    return refusedSomehow(await httpsCall(world.client.caller, { method: 'GET', url }));
  }),
  probe('RS-02', 'refused', async (world) => {
    const { accessToken } = await granted(world);
    const form: readonly Field[] = [['access_token', accessToken]];
    const url = `${world.real.bankUrl}/accounts`;
    const answers = (['POST', 'GET'] as const).map((method) => httpsCall(world.client.caller, { method, url, form }));
    return all(...(await Promise.all(answers)).map(refusedSomehow));
  }),
  probe('RS-03', '200', async (world) => {
    const { accessToken } = await granted(world);
    const sights: Seen[] = [];
    for (const scheme of ['bearer ', 'BEARER ', 'bEaReR ', 'Bearer '])
      sights.push(succeeded(await askWith(world, accessToken.after(scheme))));
    return all(...sights);
  }),
  probe('RS-04', 'WWW-Authenticate with invalid_token, with insufficient_scope', async (world) => {
    const bad = await askBank(world, new Secret('no token at all'));
    const poor = await beyondConsent(world);
    return all(challengeSays(bad, 'invalid_token'), challengeSays(poor, 'insufficient_scope'));
  }),
  probe('RS-05', '401 with the scheme and no error', async (world) => {
    const { answer } = await httpsCall(world.client.caller, { method: 'GET', url: `${world.real.bankUrl}/accounts` });
    const challenge = answer.kind === 'http' ? (answer.challenge ?? '') : '';
    const held =
      answer.kind === 'http' && answer.status === 401 && /^Bearer\b/.test(challenge) && !/error/.test(challenge);
    return seen(held, challenge === '' ? 'no challenge' : challenge);
  }),
  refused('RS-06', async (world) => {
    const [header = '', claims = '', signature = ''] = (await accessTokenOf(world)).split('.');
    const { kid } = readJwt(`${header}.${claims}.`).header;
    const honest = readJwt(`${header}.${claims}.`);
    const forged = signJws({ ...strangeKey(), kid: String(kid) }, honest.claims, { header: honest.header });
    const flipped = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    return [forged, new Secret([header, claims, flipped].join('.'))];
  }),
  refused('RS-07', async (world) => {
    const { header, claims } = readJwt(await accessTokenOf(world));
    const signedAs = (algorithm: JwsAlgorithm): Secret =>
      signJws(strangeKey('rsa'), claims, { algorithm, header: { ...header, alg: algorithm } });
    return [signedAs('none'), signedAs('RS256')];
  }),
  refused('RS-08', async (world) => [new Secret(String((await granted(world)).response['id_token']))]),
  refused('RS-10', async (world) => {
    // A token in the client's own name is for the authorization server; so is one that holds a scope and no details.
    const own = jsonOf(await askInOwnName(world.client))['access_token'];
    const { accessToken } = await tokens(world, { authorization_details: undefined });
    return [new Secret(String(own)), accessToken];
  }),
  probe('RS-14', '401 with no certificate and with others, 200 with its own', async (world) => {
    const { accessToken } = await granted(world);
    const { real, anybody, stranger } = world;
    const lookalike = real.caller('a lookalike', real.held.lookalike);
    const sights: Seen[] = [];
    for (const caller of [anybody, stranger.caller, lookalike])
      sights.push(refusedWith(await askBank(world, accessToken, { caller }), 401, 'invalid_token'));
    return all(...sights, succeeded(await askBank(world, accessToken)));
  }),
  probe('RS-17', '403 insufficient_scope, and 200 for what it permits', async (world) =>
    all(refusedWith(await beyondConsent(world), 403, 'insufficient_scope'), succeeded(await withinConsent(world))),
  ),
  probe('RS-18', 'refused, and 200 for the own one', async (world) => {
    const { accessToken } = await granted(world);
    const [own, foreign] = [await accountOf(world, 'alice'), await accountOf(world, 'mallory')];
    return all(
      refusedSomehow(await askBank(world, accessToken, { path: `/accounts/${foreign}` })),
      succeeded(await askBank(world, accessToken, { path: `/accounts/${own}` })),
    );
  }),
  probe('RS-19', 'the same answer', async (world) => {
    const { accessToken } = await granted(world);
    const foreign = await askBank(world, accessToken, { path: `/accounts/${await accountOf(world, 'mallory')}` });
    const absent = await askBank(world, accessToken, { path: `/accounts/${await noAccount(world)}` });
    const [one, other] = [foreign, absent].map(({ status, body, headers }) => [
      status,
      body,
      headers.get('www-authenticate'),
    ]);
    const held = JSON.stringify(one) === JSON.stringify(other);
    return all(refusedSomehow(foreign), seen(held, held ? 'the same answer' : 'another answer'));
  }),
  refused('RS-20', () => Promise.resolve([new Secret('no token at all'), new Secret('e30.e30.e30')])),
  probe('RS-32', 'Date on every answer', async (world) => {
    const { accessToken } = await granted(world);
    const answers = [
      await askBank(world, accessToken),
      await askBank(world, new Secret('no token at all')),
      await askBank(world, accessToken, { path: '/no-such-thing' }),
    ];
    return all(
      ...answers.map(({ status, headers }) => {
        const date = Date.parse(headers.get('date') ?? '');
        return seen(Math.abs(Date.now() - date) < 60_000, `${status} ${Number.isNaN(date) ? 'without' : 'with'} Date`);
      }),
    );
  }),
  probe('RS-33', 'the same UUID back, and 400 for anything else', async (world) => {
    const id = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a';
    const { accessToken } = await granted(world);
    const named = await askBank(world, accessToken, { headers: [['x-fapi-interaction-id', id]] });
    const odd = await askBank(world, accessToken, { headers: [['x-fapi-interaction-id', 'not-a-uuid']] });
    const echoed = named.headers.get('x-fapi-interaction-id') === id;
    return all(
      succeeded(named),
      seen(echoed, echoed ? 'echoed' : 'not echoed'),
      refusedWith(odd, 400, 'invalid_request'),
    );
  }),
  served('RS-34', [[['x-fapi-customer-ip-address', '198.51.100.7']], [['x-fapi-customer-ip-address', '2001:db8::7']]]),
  served('RS-35', [[['x-fapi-auth-date', 'Thu, 26 Nov 2026 09:30:00 GMT']]]),
  served('RS-36', [
    [['accept', 'application/json']],
    [['accept', '*/*']],
    [['accept', 'application/*;q=0.8, text/html']],
    [['accept', 'application/json; charset=utf-8']],
  ]),
];

/** Each of these tokens is refused, while the honest one is served. */
function refused(line: string, make: (world: VerdictWorld) => Promise<readonly Secret[]>): Probe {
  return probe(line, '401 invalid_token, and 200 for an honest token', async (world) => {
    const { accessToken } = await granted(world);
    const sights: Seen[] = [];
    for (const token of await make(world)) sights.push(refusedWith(await askBank(world, token), 401, 'invalid_token'));
    return all(...sights, succeeded(await askBank(world, accessToken)));
  });
}

/** Served with each of these headers. */
function served(line: string, headerSets: readonly (readonly Field[])[]): Probe {
  return probe(line, '200', async (world) => {
    const { accessToken } = await granted(world);
    const sights: Seen[] = [];
    for (const headers of headerSets) sights.push(succeeded(await askBank(world, accessToken, { headers })));
    return all(...sights);
  });
}

const accessTokenOf = async (world: VerdictWorld): Promise<string> => (await granted(world)).accessToken.reveal();

function askWith({ client, real }: VerdictWorld, authorization: Secret): Promise<Exchange> {
  const headers: readonly Field[] = [['authorization', authorization]];
  return httpsCall(client.caller, { method: 'GET', url: `${real.bankUrl}/accounts`, headers });
}

function challengeSays({ answer }: Exchange, error: string): Seen {
  const challenge = answer.kind === 'http' ? (answer.challenge ?? '') : '';
  const [, found = 'no error'] = /error="([\w]+)"/.exec(challenge) ?? [];
  return seen(found === error, challenge === '' ? 'no challenge' : `a challenge with ${found}`);
}

/** A token for the list of accounts alone, which the questions about permission share. */
const poorToken = (world: VerdictWorld) =>
  world.once('poor token', async () => {
    const details = accountInformation(world.real.bankUrl, ['list_accounts']);
    return (await tokens(world, { authorization_details: JSON.stringify(details) })).accessToken;
  });

const withinConsent = async (world: VerdictWorld): Promise<Exchange> => askBank(world, await poorToken(world));

const beyondConsent = async (world: VerdictWorld): Promise<Exchange> =>
  askBank(world, await poorToken(world), { path: `/accounts/${await accountOf(world, 'alice')}/balances` });

/** The id of a person's first account, as the person's own client reads it. */
function accountOf(world: VerdictWorld, who: 'alice' | 'mallory'): Promise<string> {
  return world.once(`account of ${who}`, async () => {
    const { accessToken } =
      who === 'alice' ? await granted(world) : await tokens(world, {}, { person: world.real.mallory });
    const { accounts } = jsonOf(await askBank(world, accessToken)) as {
      accounts?: readonly { id?: string; account_id?: string }[];
    };
    const id = accounts?.[0]?.id ?? accounts?.[0]?.account_id;
    if (id === undefined) throw new Error(`no account of ${who} was found`);
    return id;
  });
}

/** An id in the form of an account's that nobody has. */
async function noAccount(world: VerdictWorld): Promise<string> {
  const own = await accountOf(world, 'alice');
  return own.slice(0, -6) + 'AAAAAA';
}
