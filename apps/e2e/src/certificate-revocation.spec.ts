import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { loadClient, runFlow } from '@holdfast/tools/client';
import type { Platform } from '@holdfast/tools/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefused, invalidClient, invalidToken } from './attacks/expect-refused.ts';
import { runPlatform } from './platform/run-platform.ts';
import { enrolled } from './wire/enrolment.ts';
import { Http } from './wire/http.ts';
import type { PemIdentity } from './wire/http.ts';
import { RawClient } from './wire/raw-client.ts';
import { RPC, rpcCall, rpcStream } from './wire/rpc-call.ts';
import { Trail } from './wire/trail.ts';
import { BOUND, within } from './wire/within.ts';

// P07, P08, P09 and G08 of docs/attacks.md: what was good a moment ago. On a platform of its own, for it takes certificates away.
const root = fileURLToPath(new URL('../../..', import.meta.url));

let platform: Platform;
let client: RawClient;
let other: RawClient;
let trail: Trail;
beforeAll(async () => {
  platform = await runPlatform(['authorization-server', 'bank']);
  client = new RawClient('security-tls-2', platform);
  other = new RawClient('security-tls-1', platform);
  trail = new Trail(platform.home);
});
afterAll(async () => {
  await Promise.all([client, other].map((each) => each.close()));
  await platform.stop();
});

/** As an operator does. @param what a name of the list, or a serial number */
async function revoke(what: string): Promise<void> {
  const node = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
  const command = [...node, 'tools/pki/main.ts', 'revoke', what, '--home', platform.home];
  await promisify(execFile)(process.execPath, command, { cwd: root });
}

const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;

describe('a certificate that its authority takes back [RFC8705-7.4] [RS-24]', () => {
  it('is refused within two seconds by both servers, on connections that stay open and on new ones, and no other is', async () => {
    const { access_token: token = '' } = await client.tokens();
    const own = { grant_type: 'client_credentials', scope: 'grant_management_query' };
    expect((await client.show(token)).answer.status).toBe(200);
    expect((await client.token(own)).answer.status).toBe(200);

    await revoke(serialOf(client.file.certificate ?? ''));
    const statuses = async () => [(await client.show(token)).answer.status, (await client.token(own)).answer.status];
    await within(BOUND, statuses, (both) => both.every((status) => status === 401));

    const { certificate: cert = '', key = '' } = client.file;
    const anew = new Http(platform.home, { cert, key });
    for (const http of [client.http, anew]) {
      const revoked = 'certificate_revoked';
      await expectRefused(await client.show(token, 'Bearer', { http }), invalidToken(revoked), trail);
      await expectRefused(await client.token(own, { http }), invalidClient(revoked), trail);
    }
    await anew.close();
    expect(await runFlow(loadClient(other.file, platform.home, other.id), 'code')).toMatchObject({ outcome: 'passed' });
  });
});

describe('a service whose certificate is taken back', () => {
  const watch = 'holdfast.authorization.v1.TokenStatus/WatchRevocations';
  const introspect = 'holdfast.authorization.v1.TokenStatus/Introspect';
  let second: PemIdentity;
  beforeAll(async () => {
    // One more certificate of the bank, so that the bank itself goes on.
    second = await enrolled(platform.home, {
      label: `${platform.urls.certificateAuthority}/.well-known/est/services`,
      holder: 'bank/service',
      subject: '/O=Holdfast services/CN=bank',
      names: 'URI:spiffe://holdfast.test/bank,DNS:rpc.bank.localhost',
    });
  });

  it('loses its open stream and is answered on no connection, within two seconds; the bank goes on [RFC5280-6.3]', async () => {
    const target = platform.urls.authorizationServerRpc;
    const stream = rpcStream(platform.home, { target, method: watch, holder: second });
    await expect.poll(stream.heard, { timeout: 10_000 }).toBeGreaterThan(0);
    expect((await rpcCall(platform.home, { target, method: introspect, holder: second })).code).toBe(RPC.OK);

    await revoke(serialOf(second.cert));
    const stillOpen = async () => {
      await other.browser.ask(`${platform.urls.issuer}/readyz`);
      return stream.isOpen();
    };
    await within(BOUND, stillOpen, (open) => !open);
    const refused = await rpcCall(platform.home, { target, method: introspect, holder: second });
    expect(refused.code).toBe(RPC.DENIED);
    const thumbprint = createHash('sha256').update(new X509Certificate(second.cert).raw).digest('base64url');
    expect((await trail.refusalOfCall(introspect, thumbprint)).event.reason).toBe('certificate_revoked');

    stream.close();
    const honest = { target, method: introspect, holder: 'bank/service' } as const;
    expect((await rpcCall(platform.home, honest)).code).toBe(RPC.OK);
  });
});

describe('an authority that has fallen silent', () => {
  it('makes everybody unready within seconds, long before nobody is believed any more, and its return mends it', async () => {
    const ready = (url: string) => async () => (await other.browser.ask(`${url}/readyz`)).status;
    const both = [platform.urls.issuer, platform.urls.bank];
    await platform.kill('certificate-authority');
    for (const url of both) await expect.poll(ready(url), { timeout: 10_000, interval: 200 }).toBe(503);
    // Within the grace what is known still counts.
    expect((await other.push()).answer.status).toBe(201);
    await platform.start('certificate-authority');
    for (const url of both) await expect.poll(ready(url), { timeout: 10_000, interval: 200 }).toBe(200);
  });
});
