import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Platform } from '@holdfast/tools/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlatform } from './platform/run-platform.ts';
import { Developer } from './wire/developer.ts';
import { Http, said } from './wire/http.ts';
import type { Answer } from './wire/http.ts';
import { BOUND, statusWithin } from './wire/within.ts';

const run = promisify(execFile);
const statementCommand = join(import.meta.dirname, '../../../tools/software-statement.mjs');

const REDIRECT_URI = 'https://client.newcomer.localhost/callback';
const SOFTWARE = {
  software_id: 'newcomer-app',
  profile: 'fapi2-security',
  client_name: 'Newcomer',
  tls_client_auth_san_dns: 'client.newcomer.localhost',
  software_redirect_uris: [REDIRECT_URI],
};
const METADATA = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_certificate_bound_access_tokens: true,
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  scope: 'openid profile grant_management_query',
  authorization_details_types: ['account_information'],
};

type Configuration = { clients: { client_id: string; disabled?: boolean }[]; registration?: unknown };

let platform: Platform;
let developer: Developer;
let newcomer: Http;
beforeAll(async () => {
  platform = await runPlatform(['authorization-server', 'bank']);
  developer = new Developer(platform);
  newcomer = new Http(platform.home, 'newcomer/client');
});
afterAll(async () => {
  await Promise.all([developer.close(), newcomer.close()]);
  await platform.stop();
});

/** Starts the authorization server again under a changed configuration. */
async function reconfigure(change: (configuration: Configuration) => void): Promise<void> {
  const file = join(platform.home, 'config/authorization-server.json');
  const configuration = JSON.parse(readFileSync(file, 'utf8')) as Configuration;
  change(configuration);
  writeFileSync(file, JSON.stringify(configuration));
  await platform.restart('authorization-server');
}

async function statement(changes: object = {}): Promise<string> {
  const file = join(platform.home, 'software.json');
  writeFileSync(file, JSON.stringify({ ...SOFTWARE, ...changes }));
  const { stdout } = await run(process.execPath, [statementCommand, file, '--home', platform.home]);
  return stdout.trim();
}

const register = (http: Http, body: object): Promise<Answer> =>
  http.ask(`${platform.urls.mtlsIssuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** What a revocation may take until the bank has heard of it. */
const refusedWithinBound = (client: Developer, token: string): Promise<void> =>
  statusWithin(BOUND, async () => (await client.accounts(token)).status, 401);

describe('a client that registers itself', () => {
  it('finds no place to do so under the configuration as it comes', async () => {
    const { text } = await developer.browser.ask(`${platform.urls.issuer}/.well-known/openid-configuration`);
    expect(text).not.toContain('registration_endpoint');
    const answer = await register(newcomer, { ...METADATA, software_statement: await statement() });
    expect([answer.status, said(answer)['error']]).toEqual([404, 'not_found']);
  });

  it('is refused with a stolen statement, serves Alice with its own, and is gone two seconds after it left [RFC7591-3] [RFC7592-2.3]', async () => {
    await reconfigure((configuration) => {
      const directory = { issuer: 'https://directory.localhost', jwks: 'pki/trust/directory.json' };
      configuration.registration = { directory, authority: 'participants-transport' };
    });
    const discovered = said(await developer.browser.ask(`${platform.urls.issuer}/.well-known/openid-configuration`));
    expect(discovered['registration_endpoint']).toBe(`${platform.urls.mtlsIssuer}/register`);

    const own = await statement();
    const stolen = await register(developer.http, { ...METADATA, software_statement: own });
    expect([stolen.status, said(stolen)['error']]).toEqual([400, 'unapproved_software_statement']);
    const forDeveloper = await statement({ tls_client_auth_san_dns: 'client.developer.localhost' });
    const takenOver = await register(developer.http, { ...METADATA, software_statement: forDeveloper });
    expect([takenOver.status, said(takenOver)['error']]).toEqual([400, 'invalid_client_metadata']);
    const bare = await register(developer.browser, { ...METADATA, software_statement: own });
    expect([bare.status, said(bare)['error']]).toEqual([401, 'invalid_client']);

    const answer = await register(newcomer, { ...METADATA, software_statement: own });
    expect(answer.status, answer.text).toBe(201);
    const told = said(answer);
    const again = await register(newcomer, { ...METADATA, software_statement: own });
    expect(again.status).toBe(400);

    const who = { id: String(told['client_id']), redirectUri: REDIRECT_URI, holder: 'newcomer/client' as const };
    const client = new Developer(platform, who);
    const { access_token: token, refresh_token: refresh } = await client.tokens();
    await expect.poll(async () => (await client.accounts(token)).status, { timeout: 10_000 }).toBe(200);
    expect((await developer.accounts(token)).status, 'stolen, with another certificate').toBe(401);

    const leave = (http: Http): Promise<Answer> =>
      http.ask(String(told['registration_client_uri']), {
        method: 'DELETE',
        headers: { authorization: `Bearer ${String(told['registration_access_token'])}` },
      });
    expect((await leave(developer.http)).status, 'with a token that leaked').toBe(401);
    expect((await client.accounts(token)).status).toBe(200);
    expect((await leave(newcomer)).status).toBe(204);
    await refusedWithinBound(client, token);
    const refreshed = await client.refresh(refresh);
    expect([refreshed.status, said(refreshed)['error']]).toEqual([401, 'invalid_client']);
    await client.close();
  });
});

describe('a client that the operator switches off', () => {
  const disable = (disabled: boolean) => (configuration: Configuration) => {
    for (const client of configuration.clients) if (client.client_id === developer.id) client.disabled = disabled;
  };

  it('is refused everywhere, its certificate and its tokens notwithstanding, and has to ask people anew after', async () => {
    const { access_token: token, refresh_token: refresh } = await developer.tokens();
    const own = said(await developer.token({ grant_type: 'client_credentials', scope: 'grant_management_query' }));
    const pushed = await developer.push();
    await expect.poll(async () => (await developer.accounts(token)).status, { timeout: 10_000 }).toBe(200);
    // What a client has in its own name is for asking about its grants: this one does not exist.
    const askInOwnName = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${String(own['access_token'])}` };
      return (await developer.http.ask(`${platform.urls.mtlsIssuer}/grant-management/none`, { headers })).status;
    };
    expect(await askInOwnName()).toBe(404);

    await reconfigure(disable(true));
    await refusedWithinBound(developer, token);
    expect(await askInOwnName()).toBe(401);
    for (const answer of [
      await developer.refresh(refresh),
      await developer.token({ grant_type: 'client_credentials' }),
      await developer.http.post(`${platform.urls.mtlsIssuer}/par`, developer.requestForm('v'.repeat(43))),
      await developer.introspect(token),
    ])
      expect([answer.status, said(answer)['error']]).toEqual([401, 'invalid_client']);
    const page = await developer.browser.ask(developer.authorizeUrl(pushed));
    expect(page.status).toBe(400);
    expect(page.text).toContain('data-error="client_unknown"');

    await reconfigure(disable(false));
    expect(said(await developer.refresh(refresh))['error']).toBe('invalid_grant');
    // The bank refuses with 503 for as long as the server that starts anew does not answer it.
    await expect.poll(async () => (await developer.accounts(token)).status, { timeout: 10_000 }).toBe(401);
    const { access_token: next } = await developer.tokens();
    await expect.poll(async () => (await developer.accounts(next)).status, { timeout: 10_000 }).toBe(200);
  });
});
