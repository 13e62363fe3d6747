import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { exportTestClient, readTestClientRegistry } from '@holdfast/tools/test-clients';
import { loadClient, runFlow } from '@holdfast/tools/client';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Http } from './wire/http.ts';
import { OpenidClientFlow } from './wire/openid-client-flow.ts';

const { home, urls } = inject('world');
const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const registry = readTestClientRegistry();
const file = exportTestClient('security-tls-2', registry, { home, issuer: urls.issuer, bank: urls.bank });
const other = exportTestClient('security-tls-1', registry, { home, issuer: urls.issuer, bank: urls.bank });
const identity = { cert: file.certificate ?? '', key: file.key ?? '' };
const connections = [new Http(home, identity), new Http(home, identity)] as const;
afterAll(() => Promise.all(connections.map((each) => each.close())));

/** Milliseconds within which a revocation has to bite. */
const BOUND = 2_000;

describe('a certificate that its authority takes back [RFC8705-7.4] [RS-24]', () => {
  it('is refused within two seconds by both servers, on connections that stay open and on new ones, and no other is', async () => {
    await using flow = await OpenidClientFlow.of(
      { ...file, redirect_uri: file.redirect_uri?.split('?')[0] ?? '' },
      home,
    );
    const { access_token: token } = await flow.authorize();
    const bank = async (http: Http) => {
      const headers = { authorization: `Bearer ${token}` };
      const { status, text } = await http.ask(`${urls.bank}/accounts`, { headers });
      return { status, text };
    };
    const ownToken = (http: Http) =>
      http.post(`${urls.mtlsIssuer}/token`, { grant_type: 'client_credentials', client_id: file.client_id });
    const [open] = connections;
    expect((await bank(open)).status).toBe(200);
    expect((await ownToken(open)).status).toBe(200);

    const certificate = join(home, 'to-revoke.crt');
    writeFileSync(certificate, identity.cert);
    const node = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
    await run(process.execPath, [...node, 'tools/pki/main.ts', 'revoke', certificate, '--home', home], { cwd: root });
    const began = performance.now();
    await expect.poll(async () => (await bank(open)).status, { timeout: BOUND, interval: 50 }).toBe(401);
    await expect.poll(async () => (await ownToken(open)).status, { timeout: BOUND, interval: 50 }).toBe(401);
    expect(performance.now() - began).toBeLessThan(BOUND);

    expect((await bank(connections[1])).status).toBe(401);
    const refused = await ownToken(connections[1]);
    expect([refused.status, refused.text]).toEqual([401, expect.stringContaining('invalid_client')]);
    expect(await runFlow(loadClient(other, home, other.client_id), 'code')).toMatchObject({ outcome: 'passed' });
  });
});
