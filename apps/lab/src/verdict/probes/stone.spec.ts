import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stone, StonePlatform } from '../../testing/stone-platform.ts';
import { leastMetadata, stonePlatform } from '../../testing/stone-platform.ts';
import { ALL_PROBES } from '../all-probes.ts';
import type { Probe } from '../probe.ts';
import { openWorld } from '../open-world.ts';

const MINUTES = 120_000;

/** Grants everything to everybody, remembers nothing, and breaks each promise of its metadata. */
const yes: Stone = {
  metadata: (base) => ({
    ...leastMetadata(base),
    code_challenge_methods_supported: ['plain', 'S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'tls_client_auth'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'ES256'],
    dpop_signing_alg_values_supported: ['none'],
    response_modes_supported: ['query.jwt'],
    require_pushed_authorization_requests: false,
    mtls_endpoint_aliases: { jwks_uri: 'https://other.invalid/jwks', odd_endpoint: 'https://other.invalid/odd' },
    grant_types_supported: ['authorization_code'],
  }),
  answer(request, response) {
    const isPage = request.headers.accept === 'text/html' || request.url?.startsWith('/authorize') === true;
    if (!isPage) json(response, request.url?.startsWith('/par') === true ? 201 : 200, EVERYTHING);
    else if (request.method === 'POST') sendAway(response, 'https://lab.localhost:9743/callback/first?code=short#code');
    else page(response, 200, ['submit-login', 'consent-approve', 'link-bank'].map(form).join(''));
  },
};

const EVERYTHING = {
  request_uri: 'urn:ietf:params:oauth:request_uri:1',
  expires_in: '9000',
  access_token: 'e30.e30.e30',
  refresh_token: 'r',
  token_type: 'Bearer',
  active: true,
  keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' }],
  accounts: [{ id: 'account' }],
  sub: 'anybody',
};

/** Refuses everybody everything. */
const no: Stone = {
  metadata: leastMetadata,
  answer(request, response) {
    if (request.headers.accept === 'text/html') page(response, 400, '<p id="error-code">invalid_request</p>');
    else json(response, 400, { error: 'invalid_request', error_description: 'No.' });
  },
};

function json(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}

const form = (button: string): string =>
  `<form method="post" action="/any"><input id="login" name="login"><script></script><button id="${button}">x</button></form>`;

function page(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.setHeader('set-cookie', 'session=1').setHeader('content-type', 'text/html').end(`<body>${body}</body>`);
}

function sendAway(response: ServerResponse, to: string): void {
  response.statusCode = 307;
  response.setHeader('location', to).end();
}

/** The lines that a platform is said to hold. */
async function heldBy(platform: StonePlatform): Promise<readonly string[]> {
  const world = await openWorld(platform.config, platform.home);
  if ('away' in world) throw new Error(world.away);
  const ask = async ({ line, ask: judge }: Probe): Promise<readonly string[]> => {
    const seen = await judge(world).catch(() => undefined);
    return seen?.held === true ? [line] : [];
  };
  const isTls = ({ line }: Probe): boolean => line.startsWith('TLS-');
  const held = await Promise.all(ALL_PROBES.filter((probe) => !isTls(probe)).map(ask));
  // Handshakes are timed, so they do not wait for each other.
  for (const probe of ALL_PROBES.filter(isTls)) held.push(await ask(probe));
  return held.flat().toSorted();
}

/** Of a document that is there; and of TLS as a library speaks it when it is told nothing. */
const ANYBODY = ['META-01', 'META-02', 'META-03', 'META-04', 'TLS-01', 'TLS-06', 'TLS-07', 'TLS-14'];
/** Demands that something be taken. */
const TAKES = ['AUTH-01', 'AUTH-07', 'INFO-08', 'INFO-09', 'PAR-05', 'PAR-13', 'PAR-22', 'PAR-23', 'POL-14'];
const SERVES = ['RS-03', 'RS-34', 'RS-35', 'RS-36', 'TOK-30'];
/** The form of an error. */
const ERRORS = ['TOK-42', 'TOK-43'];

describe.each([
  ['grants everything', yes, [...ANYBODY, ...TAKES, ...SERVES]],
  ['refuses everything', no, [...ANYBODY, ...ERRORS]],
])('a platform that %s', (_, stone, satisfied) => {
  let platform: StonePlatform;
  beforeAll(async () => {
    platform = await stonePlatform(stone);
  });
  afterAll(() => platform.close());

  it('is said to hold what can be held that way, and nothing else', { timeout: MINUTES }, async () => {
    expect(await heldBy(platform)).toEqual(satisfied.toSorted());
  });
});
