import { chains } from '../../attacks/c04-chain-append.ts';
import { selfSigned } from '../../certificates/home-made-authority.ts';
import { namesOf } from '../../certificates/subject.ts';
import type { SigningClient } from '../../real/signing-client.ts';
import type { HeldCertificate } from '../../wire/caller.ts';
import type { Exchange } from '../../wire/https-call.ts';
import { strangeKey } from '../../wire/jws.ts';
import type { Secret } from '../../wire/secret.ts';
import { inSeconds } from '../objects.ts';
import { askInOwnName, ownNameForm } from '../own-name.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

const REFUSED = '401 invalid_client';

/** Who a client is, asked at the token endpoint with the client's own name. */
export const clientAuthenticationProbes: readonly Probe[] = [
  ofCertificates(
    'TOK-01',
    '401 for another client’s certificate and for a certificate without a name, 200 for its own',
    (world) => [
      askInOwnName(world.client, {}, world.stranger.caller),
      askInOwnName(world.client, { client_id: undefined }),
    ],
  ),
  ofCertificates('TOK-03', '401 with the client’s certificate anywhere behind another, 200 for its own', (world) => {
    const { first, second } = world.real.held;
    return chains(second, first, issuersOf(first)).map(({ certificate }) =>
      askInOwnName(world.client, {}, world.real.caller('the second client', certificate)),
    );
  }),
  probe('TOK-05', '401 for another certificate with the same names, 200 for the registered one', async (world) => {
    const { selfSigned: client, held } = world.real;
    const other = { ...client.caller, certificate: imitated(held.selfSigned) };
    return all(
      refusedWith(await askInOwnName(client, {}, other), 401, 'invalid_client'),
      succeeded(await askInOwnName(client)),
    );
  }),
  probe(
    'TOK-06',
    '401 for a certificate of the trusted authority, and for a self-signed one of a client that has none',
    async (world) => {
      const { selfSigned: client, held } = world.real;
      const vouched = { ...client.caller, certificate: held.first };
      const imitation = { ...world.client.caller, certificate: imitated(held.first) };
      return all(
        refusedWith(await askInOwnName(client, {}, vouched), 401, 'invalid_client'),
        refusedWith(await askInOwnName(world.client, {}, imitation), 401, 'invalid_client'),
        succeeded(await askInOwnName(client)),
      );
    },
  ),
  ofCertificates(
    'TOK-08',
    '401 invalid_client for no certificate and for an unknown client, 200 for its own',
    (world) => [askInOwnName(world.client, {}, world.anybody), askInOwnName(world.client, { client_id: 'nobody' })],
  ),
  ofAssertions('TOK-09', (client, world) => [
    client.assertion({ iss: world.client.clientId }),
    client.assertion({ sub: world.client.clientId }),
    client.assertion({ sub: undefined }),
  ]),
  probe('TOK-10', `200, then ${REFUSED} at the same endpoint and at another`, async (world) => {
    const { assertion: client, discovery } = world.real;
    const once = client.assertion();
    const first = await askWith(client, once);
    const again = await askWith(client, once);
    const elsewhere = await client.call(discovery.mtls.par, [
      ...client.authorizationRequest(client.newVerifier(), 'state'),
      ...client.credentials(once),
    ]);
    return all(succeeded(first), ...[again, elsewhere].map((answer) => refusedWith(answer, 401, 'invalid_client')));
  }),
  ofAssertions('TOK-11', (client) => [
    client.assertion({ exp: undefined }),
    client.assertion({ exp: inSeconds(-120) }),
    client.assertion({ exp: inSeconds(24 * 3600) }),
  ]),
  probe('TOK-12', `200 for nine seconds ahead, ${REFUSED} for seventy`, async (world) => {
    const { assertion: client } = world.real;
    const dated = (seconds: number): Secret =>
      client.assertion({ iat: inSeconds(seconds), nbf: inSeconds(seconds), exp: inSeconds(120) });
    return all(
      succeeded(await askWith(client, dated(9))),
      refusedWith(await askWith(client, dated(70)), 401, 'invalid_client'),
    );
  }),
  ofAssertions('TOK-13', (client) => [
    client.assertion({}, { key: { ...strangeKey('rsa'), kid: client.key.kid ?? '' } }),
  ]),
  // The key of the FAPI 1.0 client is an RSA key: its signature under RS256 is right, and forbidden.
  ofAssertions(
    'TOK-14',
    (client) => [client.assertion({}, { algorithm: 'RS256' }), client.assertion({}, { algorithm: 'none' })],
    ({ real }) => real.fapi1,
  ),
];

/** Refused each, while the client itself is served. */
function ofCertificates(
  line: string,
  expected: string,
  ask: (world: VerdictWorld) => readonly Promise<Exchange>[],
): Probe {
  return probe(line, expected, async (world) => {
    const refused = (await Promise.all(ask(world))).map((answer) => refusedWith(answer, 401, 'invalid_client'));
    return all(...refused, succeeded(await askInOwnName(world.client)));
  });
}

/** Each of these assertions is refused, while an honest one is taken. */
function ofAssertions(
  line: string,
  make: (client: SigningClient, world: VerdictWorld) => readonly Secret[],
  clientOf: (world: VerdictWorld) => SigningClient = ({ real }) => real.assertion,
): Probe {
  return probe(line, `${REFUSED} for each fault, 200 without`, async (world) => {
    const client = clientOf(world);
    const sights: Seen[] = [];
    for (const assertion of make(client, world))
      sights.push(refusedWith(await askWith(client, assertion), 401, 'invalid_client'));
    return all(...sights, succeeded(await askInOwnName(client)));
  });
}

/** With this one assertion; a proof is made for it beforehand, because a second attempt would use it twice. */
async function askWith(client: SigningClient, assertion: Secret): Promise<Exchange> {
  const url = client.tokenEndpoint;
  const form = [...ownNameForm(client), ...client.credentials(assertion)];
  if (client.dpopKey === undefined) return client.call(url, form);
  await client.fetchNonce(url);
  return client.call(url, form, [['dpop', client.proof({ method: 'POST', url })]]);
}

const imitated = ({ certificatePem }: HeldCertificate): HeldCertificate =>
  selfSigned({ names: namesOf(certificatePem), purpose: 'client' });

function issuersOf({ certificatePem }: HeldCertificate): string {
  const [, ...issuers] = certificatePem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return issuers.join('\n');
}
