import { httpsCall, jsonOf } from '../../wire/https-call.ts';
import type { Exchange, Field } from '../../wire/https-call.ts';
import type { Json } from '../../wire/jws.ts';
import { isSignedWith, readJwt } from '../../wire/jws.ts';
import type { LabClient } from '../../real/lab-client.ts';
import { bearer } from '../../wire/secret.ts';
import type { Printable } from '../../wire/secret.ts';
import { thumbprintOf } from '../../wire/caller.ts';
import { granted, tokens } from '../flow.ts';
import type { Probe } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedSomehow, refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

const SIGNED = 'application/token-introspection+jwt';

/** Introspection, revocation and userinfo. */
export const toldProbes: readonly Probe[] = [
  probe('INFO-01', '401 invalid_client at both, 200 for the client', async (world) => {
    const { accessToken } = await granted(world);
    const { introspection, revocation } = world.real.discovery.mtls;
    const form = formOf(world.client, accessToken);
    const strangers = [introspection, revocation].flatMap((url) =>
      [world.anybody, world.stranger.caller].map((caller) => httpsCall(caller, { method: 'POST', url, form })),
    );
    const refused = (await Promise.all(strangers)).map((answer) => refusedWith(answer, 401, 'invalid_client'));
    return all(...refused, succeeded(await introspect(world, world.client, accessToken)));
  }),
  probe('INFO-02', 'a JWT of its own type, signed with a published key, with the answer within', async (world) => {
    const { accessToken } = await granted(world);
    const exchange = await introspect(world, world.client, accessToken, [['accept', SIGNED]]);
    const { header, claims } = readJwt(exchange.body);
    const told = (claims['token_introspection'] ?? {}) as Json;
    const verifies = isSignedWith(exchange.body, await world.publishedKeys());
    return all(
      seen(
        exchange.headers.get('content-type')?.startsWith(SIGNED) === true,
        exchange.headers.get('content-type') ?? 'no type',
      ),
      seen(header['typ'] === 'token-introspection+jwt', `typ ${String(header['typ'])}`),
      seen(verifies, verifies ? 'verifies' : 'does not verify'),
      seen(told['active'] === true, `active ${String(told['active'])}`),
    );
  }),
  probe('INFO-03', 'active true, with the client and the person', async (world) => {
    const told = jsonOf(await introspect(world, world.client, (await granted(world)).accessToken));
    const held =
      told['active'] === true && told['client_id'] === world.client.clientId && typeof told['sub'] === 'string';
    return seen(held, `active ${String(told['active'])}, client_id ${String(told['client_id'])}`);
  }),
  probe('INFO-04', 'the thumbprint of the client’s certificate in cnf', async (world) => {
    const { cnf } = jsonOf(await introspect(world, world.client, (await granted(world)).accessToken));
    const found = ((cnf ?? {}) as Json)['x5t#S256'];
    const held = found === thumbprintOf(world.real.held.first.certificatePem);
    return seen(held, held ? 'that thumbprint' : 'another, or none');
  }),
  probe('INFO-05', '{"active":false}', async (world) =>
    inactive(await introspect(world, world.client, 'a-token-nobody-issued')),
  ),
  probe('INFO-07', '{"active":false}, and to its own client active true', async (world) => {
    const { accessToken, refreshToken } = await granted(world);
    const own = jsonOf(await introspect(world, world.client, accessToken));
    return all(
      inactive(await introspect(world, world.stranger, accessToken)),
      inactive(await introspect(world, world.stranger, refreshToken)),
      seen(own['active'] === true, `its own client: active ${String(own['active'])}`),
    );
  }),
  probe('INFO-08', '200', async (world) => {
    const { accessToken } = await granted(world);
    return all(
      succeeded(await revoke(world, world.client, 'a-token-nobody-issued')),
      succeeded(await revoke(world, world.stranger, accessToken)),
    );
  }),
  probe('INFO-09', 'the tokens work as before', async (world) => {
    const { client, accessToken, refreshToken } = await tokens(world);
    await revoke(world, world.stranger, accessToken);
    await revoke(world, world.stranger, refreshToken);
    const told = jsonOf(await introspect(world, client, accessToken));
    return all(
      seen(told['active'] === true, `active ${String(told['active'])}`),
      succeeded(await client.refresh(refreshToken)),
    );
  }),
  probe('INFO-10', '401 invalid_token without the certificate and with another, 200 with it', async (world) => {
    const { accessToken } = await granted(world);
    const url = await userinfoOf(world);
    const ask = (caller = world.client.caller) =>
      httpsCall(caller, { method: 'GET', url, headers: [bearer(accessToken)] });
    return all(
      refusedWith(await ask(world.anybody), 401, 'invalid_token'),
      refusedWith(await ask(world.stranger.caller), 401, 'invalid_token'),
      succeeded(await ask()),
    );
  }),
  probe('INFO-11', 'the same subject', async (world) => {
    const { accessToken, response } = await granted(world);
    const { sub } = jsonOf(await world.client.ask(accessToken, await userinfoOf(world)));
    const held = typeof sub === 'string' && sub === readJwt(response['id_token']).claims['sub'];
    return seen(held, held ? 'the same subject' : 'another subject');
  }),
  probe('INFO-12', 'refused in the query and in the body, 200 in the header', async (world) => {
    const { accessToken } = await granted(world);
    const url = await userinfoOf(world);
    const { caller } = world.client;
    const query = await httpsCall(caller, { method: 'GET', url: `${url}?access_token=${accessToken.reveal()}` });
    const body = await httpsCall(caller, { method: 'POST', url, form: [['access_token', accessToken]] });
    return all(refusedSomehow(query), refusedSomehow(body), succeeded(await world.client.ask(accessToken, url)));
  }),
];

const formOf = ({ clientId }: LabClient, token: Printable): readonly Field[] => [
  ['client_id', clientId],
  ['token', token],
];

function introspect(
  { real }: VerdictWorld,
  client: LabClient,
  token: Printable,
  headers: readonly Field[] = [],
): Promise<Exchange> {
  return client.call(real.discovery.mtls.introspection, formOf(client, token), headers);
}

const revoke = ({ real }: VerdictWorld, client: LabClient, token: Printable): Promise<Exchange> =>
  client.call(real.discovery.mtls.revocation, formOf(client, token));

function inactive(exchange: Exchange) {
  const told = jsonOf(exchange);
  const held = exchange.status === 200 && told['active'] === false && Object.keys(told).length === 1;
  return seen(held, held ? 'active false and nothing else' : `${exchange.status} with ${Object.keys(told).join(', ')}`);
}

async function userinfoOf(world: VerdictWorld): Promise<string> {
  const metadata = await world.metadata();
  const aliases = (metadata['mtls_endpoint_aliases'] ?? {}) as Json;
  return String(aliases['userinfo_endpoint'] ?? metadata['userinfo_endpoint']);
}
