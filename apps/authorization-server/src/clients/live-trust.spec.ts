import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { ElsewhereServer } from '../testing/published-elsewhere.ts';
import { pki, ServerUnderTest } from '../testing/server-under-test.ts';
import type { Answer, Question, Wishes } from '../testing/server-under-test.ts';

const NAME = 'client.developer.localhost';
const next = pki.rogue();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const [{ open }] = storesUnderTest() as [ReturnType<typeof storesUnderTest>[number]];
let store: Store<AuthorizationTables>;
beforeEach(async () => {
  store = await open<AuthorizationTables>(migrations);
});

async function start(wishes: Wishes = {}): Promise<ServerUnderTest> {
  const server = await ServerUnderTest.open(store, wishes);
  closing.push(() => server.close());
  return server;
}

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => agent.destroy());
  return agent;
}

const token = (server: ServerUnderTest, certificate: Question['certificate'], agent?: Agent, clientId = 'developer') =>
  server.ask('mtls', '/token', {
    form: { grant_type: 'client_credentials', client_id: clientId },
    ...(certificate === undefined ? {} : { certificate }),
    ...(agent === undefined ? {} : { agent }),
  });
const refused = ({ status, json }: Answer) => [status, json.error];
const REFUSED = [401, 'invalid_client'];
const boundTo = ({ json }: Answer): unknown => {
  const [, claims = ''] = String(json.access_token).split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).cnf['x5t#S256'];
};

describe('a client of an authority', () => {
  it('is refused once its certificate is revoked, on the connection it keeps and on new ones [RFC8705-7.4] [RS-24]', async () => {
    const server = await start();
    const agent = keepAlive();
    const certificate = pki.mint({ dnsNames: [NAME] });
    const { thumbprint } = pki.peer(certificate);
    expect((await token(server, certificate, agent)).status).toBe(200);
    server.trust.apply(pki.state({ version: 2, revoked: [certificate] }), new Date());
    expect(refused(await token(server, certificate))).toEqual(REFUSED);
    // The kept connection was cut: what comes is a new one, and no better.
    expect(refused(await token(server, certificate, agent))).toEqual(REFUSED);
    expect(server.audit().filter(({ outcome }) => outcome === 'refused')).toMatchObject([
      { action: 'connection.keep', reason: 'certificate_revoked', presentedThumbprint: thumbprint },
      { action: 'token.client_credentials', reason: 'certificate_revoked', evidence: { thumbprint } },
      { action: 'token.client_credentials', reason: 'certificate_revoked' },
    ]);
    // Its next certificate is as good as the first one was.
    expect((await token(server, pki.mint({ dnsNames: [NAME] }))).status).toBe(200);
  });

  it('stays pinned to its authority while that is succeeded by another of its name, without a restart [RFC8705-7.4]', async () => {
    const server = await start();
    const [old, renewed] = [pki.mint({ dnsNames: [NAME] }), pki.mint({ dnsNames: [NAME], issuer: next.intermediate })];
    const apply = (version: number, ...participants: (typeof next)[]) =>
      server.trust.apply(pki.state({ version, authorities: { participants } }), new Date());
    expect((await token(server, old)).status).toBe(200);
    expect(refused(await token(server, renewed))).toEqual(REFUSED);
    apply(2, pki.participants, next);
    expect([(await token(server, old)).status, (await token(server, renewed)).status]).toEqual([200, 200]);
    const kept = keepAlive();
    expect((await token(server, old, kept)).status).toBe(200);
    apply(3, next);
    expect(refused(await token(server, old))).toEqual(REFUSED);
    expect(refused(await token(server, old, kept))).toEqual(REFUSED);
    expect((await token(server, renewed)).status).toBe(200);
    const reasons = server.audit().flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    expect(new Set(reasons)).toEqual(new Set(['certificate_untrusted']));
  });

  it('has access tokens that end with its certificate, and gets new ones with the next [RFC8705-6.3]', async () => {
    const server = await start();
    const [first, second] = [pki.mint({ dnsNames: [NAME] }), pki.mint({ dnsNames: [NAME] })];
    const before = await token(server, first);
    const after = await token(server, second);
    expect([boundTo(before), boundTo(after)]).toEqual([pki.peer(first).thumbprint, pki.peer(second).thumbprint]);
  });

  it('is told how far off a clock is when its certificate is of the future, in the audit alone', async () => {
    const server = await start();
    const notBefore = new Date(Date.now() + 300_000);
    const answer = await token(server, pki.mint({ dnsNames: [NAME], notBefore }));
    expect(refused(answer)).toEqual(REFUSED);
    expect(answer.text).not.toContain('clock');
    const { reason, evidence } = server.audit().at(-1) ?? {};
    expect([reason, evidence.clock]).toEqual([
      'certificate_not_yet_valid',
      expect.stringMatching(/off by at least (29\d|300) s$/),
    ]);
  });
});

describe('a client with a certificate of its own making [RFC8705-2.2]', () => {
  const asKey = ({ certificate }: ReturnType<typeof pki.selfSigned>, kid: string) => ({
    ...new X509Certificate(certificate.raw).publicKey.export({ format: 'jwk' }),
    kid,
    x5c: [certificate.raw.toString('base64')],
  });
  const [old, renewed] = [pki.selfSigned({ subject: 'CN=own' }), pki.selfSigned({ subject: 'CN=own' })];

  it('rolls over by publishing both, and loses the old one by removing it, on the connection it keeps too [RFC8705-2.2.2]', async () => {
    const keys = await ElsewhereServer.start(pki, 'lab.localhost');
    closing.push(() => keys.close());
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const host = `lab.localhost:${keys.port}`;
    const server = await start({
      clock,
      outbound: { hosts: [host] },
      client: {
        client_id: 'own',
        profile: 'fapi2-security',
        metadata: {
          client_name: 'Own',
          token_endpoint_auth_method: 'self_signed_tls_client_auth',
          tls_client_certificate_bound_access_tokens: true,
          jwks_uri: `https://${host}/jwks`,
          grant_types: ['client_credentials'],
          scope: 'grant_management_query',
        },
      },
    });
    const kept = keepAlive();
    keys.says({ keys: [asKey(old, 'old')] });
    expect((await token(server, old, kept, 'own')).status).toBe(200);
    expect(refused(await token(server, renewed, undefined, 'own'))).toEqual(REFUSED);

    keys.says({ keys: [asKey(old, 'old'), asKey(renewed, 'new')] });
    clock.at += 11_000;
    const overlap = [await token(server, renewed, undefined, 'own'), await token(server, old, kept, 'own')];
    expect(overlap.map(({ status }) => status)).toEqual([200, 200]);
    expect(overlap.map(boundTo)).toEqual([pki.peer(renewed).thumbprint, pki.peer(old).thumbprint]);

    keys.says({ keys: [asKey(renewed, 'new')] });
    // What was published is believed for five minutes.
    clock.at += 301_000;
    expect(refused(await token(server, old, kept, 'own'))).toEqual(REFUSED);
    expect((await token(server, renewed, undefined, 'own')).status).toBe(200);
    const reasons = server.audit().flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    expect(reasons).toEqual(['certificate_unregistered', 'certificate_unregistered']);
  });

  it('is no matter of the authorities: neither they nor their lists decide about it, and it opens no other client', async () => {
    const server = await start();
    server.trust.apply(pki.state({ version: 2, authorities: { participants: [next] } }), new Date());
    expect(refused(await token(server, pki.selfSigned({ dnsNames: [NAME] })))).toEqual(REFUSED);
    expect(server.audit().at(-1)).toMatchObject({ reason: 'certificate_untrusted' });
  });
});
