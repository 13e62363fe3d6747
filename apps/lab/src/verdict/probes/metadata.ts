import { httpsCall } from '../../wire/https-call.ts';
import type { Json } from '../../wire/jws.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** FAPI2-SP-FINAL-5.4.1-1 */
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA'];
const SECRETS = new Set(['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none']);
/** RFC7518-6 */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export const metadataProbes: readonly Probe[] = [
  ofDocument('META-01', 'an https URL without query and fragment', ({ issuer }) =>
    seen(/^https:\/\/[^?#]+$/.test(String(issuer)), String(issuer)),
  ),
  probe('META-02', 'the issuer it was fetched from', async (world) => {
    const { issuer } = await world.metadata();
    return seen(issuer === world.real.discovery.issuer, String(issuer));
  }),
  probe('META-03', '200 with a JSON document', (world) => isDocument(world, 'openid-configuration')),
  probe('META-04', 'the same document', async (world) => {
    const [one, other] = [
      await world.wellKnown('openid-configuration'),
      await world.wellKnown('oauth-authorization-server'),
    ];
    return all(
      await isDocument(world, 'oauth-authorization-server'),
      seen(one.body === other.body, one.body === other.body ? 'the same' : 'another document'),
    );
  }),
  ofDocument('META-06', 'true', (document) => isTrue(document, 'authorization_response_iss_parameter_supported')),
  ofDocument('META-07', 'S256 alone', (document) => isList(document, 'code_challenge_methods_supported', ['S256'])),
  ofDocument('META-08', 'true', (document) => isTrue(document, 'require_pushed_authorization_requests')),
  ofDocument('META-09', 'true', (document) => isTrue(document, 'tls_client_certificate_bound_access_tokens')),
  ofDocument('META-10', 'methods, and none with a shared secret', (document) => {
    const methods = listIn(document, 'token_endpoint_auth_methods_supported');
    return seen(methods.length > 0 && !methods.some((method) => SECRETS.has(method)), methods.join(' '));
  }),
  ofDocument('META-11', 'PS256, ES256, EdDSA and no other', (document) => {
    const names = Object.keys(document).filter((name) => name.endsWith('signing_alg_values_supported'));
    const odd = names.flatMap((name) => listIn(document, name).filter((alg) => !ALGORITHMS.includes(alg)));
    const empty = names.filter((name) => listIn(document, name).length === 0);
    return seen(
      names.length > 0 && odd.length + empty.length === 0,
      `${names.length} lists${oddWords([...odd, ...empty])}`,
    );
  }),
  ofDocument('META-12', 'jwt beside the modes with .jwt', (document) => {
    const modes = listIn(document, 'response_modes_supported');
    return seen(modes.includes('jwt') && modes.some((mode) => mode.endsWith('.jwt')), modes.join(' '));
  }),
  ofDocument('META-13', 'algorithms from the allowed ones', (document) => {
    const algorithms = listIn(document, 'dpop_signing_alg_values_supported');
    return seen(algorithms.length > 0 && algorithms.every((alg) => ALGORITHMS.includes(alg)), algorithms.join(' '));
  }),
  ofDocument('META-14', 'account_information among them', (document) => {
    const types = listIn(document, 'authorization_details_types_supported');
    return seen(types.includes('account_information'), types.join(' '));
  }),
  ofDocument('META-15', 'every alias is an endpoint of the top level', (document) => {
    const names = Object.keys(aliasesIn(document));
    const odd = names.filter((name) => typeof document[name] !== 'string');
    return seen(names.length > 0 && odd.length === 0, `${names.length} aliases${oddWords(odd)}`);
  }),
  ofDocument('META-16', 'aliases, and neither of the two', (document) => {
    const aliases = aliasesIn(document);
    const odd = ['authorization_endpoint', 'jwks_uri'].filter((name) => name in aliases);
    const { length } = Object.keys(aliases);
    return seen(length > 0 && odd.length === 0, `${length} aliases${oddWords(odd)}`);
  }),
  probe('META-17', 'what is advertised is known to its endpoint, what is not is unknown to it', advertisedIsEnforced),
  ofKeys('META-18', 'a kid for each key, all different', (keys) => {
    const kids = keys.map(({ kid }) => kid).filter((kid) => typeof kid === 'string' && kid !== '');
    return seen(new Set(kids).size === keys.length, `${keys.length} keys, ${new Set(kids).size} kids`);
  }),
  ofKeys('META-19', 'no private member', (keys) => {
    const odd = keys.flatMap((key) => PRIVATE_MEMBERS.filter((name) => name in key));
    return seen(odd.length === 0, `${keys.length} keys${oddWords(odd)}`);
  }),
  ofKeys('META-20', 'RSA of 2048 bits, elliptic of 224, at least', (keys) =>
    all(
      ...keys.map((key) =>
        seen(bitsOf(key) >= (key['kty'] === 'RSA' ? 2048 : 224), `${String(key['kty'])} ${bitsOf(key)}`),
      ),
    ),
  ),
];

function ofDocument(line: string, expected: string, judge: (document: Json) => Seen): Probe {
  return probe(line, expected, async (world) => judge(await world.metadata()));
}

function ofKeys(line: string, expected: string, judge: (keys: readonly Json[]) => Seen): Probe {
  return probe(line, expected, async (world) => {
    const keys = await world.publishedKeys();
    return keys.length === 0 ? seen(false, 'no keys') : judge(keys);
  });
}

async function isDocument(world: VerdictWorld, name: string): Promise<Seen> {
  const { status, headers, body } = await world.wellKnown(name);
  const type = headers.get('content-type') ?? 'no type';
  return seen(status === 200 && type.startsWith('application/json') && body.startsWith('{'), `${status} ${type}`);
}

const isTrue = (document: Json, name: string): Seen => seen(document[name] === true, String(document[name]));

function isList(document: Json, name: string, expected: readonly string[]): Seen {
  const found = listIn(document, name);
  return seen(found.length === expected.length && found.every((each) => expected.includes(each)), found.join(' '));
}

function listIn(document: Json, name: string): readonly string[] {
  const value = document[name];
  return Array.isArray(value) ? value.map(String) : [];
}

function aliasesIn(document: Json): Json {
  return (document['mtls_endpoint_aliases'] ?? {}) as Json;
}

const oddWords = (odd: readonly string[]): string => (odd.length === 0 ? '' : `, but ${odd.join(' ')}`);

const CURVES: Readonly<Record<string, number>> = { 'P-256': 256, 'P-384': 384, 'P-521': 521, Ed25519: 256 };

function bitsOf(key: Json): number {
  if (key['kty'] === 'RSA') return Buffer.from(String(key['n']), 'base64url').length * 8;
  return CURVES[String(key['crv'])] ?? 0;
}

const asked = (name: string, url: string): string => (name === 'grant_management_endpoint' ? `${url}/any` : url);

/** Grants are asked for with nothing else that they need: an unknown one has an error of its own. RFC6749-5.2 */
async function advertisedIsEnforced(world: VerdictWorld): Promise<Seen> {
  const document = await world.metadata();
  const sights: Seen[] = [];
  const endpoints = Object.entries({ ...document, ...aliasesIn(document) }).filter(([name]) =>
    name.endsWith('_endpoint'),
  );
  for (const [name, url] of endpoints) {
    // RFC9110-15.5.5: an endpoint that takes no GET, or nothing without a token, says so; one that is not there says 404. The
    // grant management endpoint is the beginning of an address.
    const { status } = await httpsCall(world.client.caller, { method: 'GET', url: asked(name, String(url)) });
    const there = status > 0 && status !== 404;
    sights.push(seen(there, there ? 'every endpoint is there' : `${name} is not there`));
  }
  const advertised = listIn(document, 'grant_types_supported');
  for (const grant of [...advertised, 'password', 'urn:ietf:params:oauth:grant-type:token-exchange']) {
    const { answer } = await world.client.askForToken([
      ['client_id', world.client.clientId],
      ['grant_type', grant],
    ]);
    const known = answer.kind === 'http' && answer.error !== 'unsupported_grant_type';
    const held = known === advertised.includes(grant);
    sights.push(
      seen(held, held ? `${advertised.length} grants and no other` : `${grant} is ${known ? 'known' : 'unknown'}`),
    );
  }
  return all(...sights);
}
