import { execFile } from 'node:child_process';
import { randomUUID, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { HomeAuthority } from '../wire/home-authority.ts';
import type { Holder, PemIdentity } from '../wire/http.ts';
import { RawClient } from '../wire/raw-client.ts';
import { sendBytes, statusOf } from '../wire/raw-connection.ts';
import { identityOf, MISMATCH, own } from './certificates.ts';
import { EDGES, onEdge, platformBehindProxy } from './edge.ts';
import type { Standing } from './edge.ts';
import { MALFORMED, SMUGGLED } from './smuggled-headers.ts';
import type { Smuggle } from './smuggled-headers.ts';

// P19 and T05 of docs/attacks.md: whoever ends TLS, a certificate that a client writes into its request is worth nothing.
const platform = platformBehindProxy();

const fieldOf = ({ cert }: PemIdentity): string => `:${new X509Certificate(cert).raw.toString('base64')}:`;
const webDoor = ({ world }: Standing, url: string) =>
  ({ home: world.home, address: new URL(url).host, trust: 'web' }) as const;

/** A request for the accounts as bytes. */
function request(host: string, lines: readonly string[], interaction: string): string {
  const closes = lines.some((line) => line.startsWith('Connection:')) ? [] : ['Connection: close'];
  const head = ['GET /accounts HTTP/1.1', `Host: ${host}`, `x-fapi-interaction-id: ${interaction}`];
  return [...head, ...lines, ...closes, '', ''].join('\r\n');
}

for (const name of EDGES) {
  onEdge(name, platform, 'a stolen token and the public certificate of its client', (standing) => {
    let token: string;
    beforeAll(async () => {
      ({ access_token: token = '' } = await standing().byDns.tokens());
    });

    async function steal(smuggle: Smuggle, thief?: PemIdentity) {
      const { byDns, world } = standing();
      const victim = identityOf(byDns);
      const door = webDoor(standing(), world.urls.bank);
      const interaction = randomUUID();
      const lines = [`Authorization: Bearer ${token}`, ...smuggle(fieldOf(victim), victim.cert)];
      return { heard: await sendBytes(door, request(door.address, lines, interaction), thief), interaction };
    }

    it.each(SMUGGLED)(
      '%s is worth nothing, without a certificate and beside one’s own [RFC9440-4] [EDGE-01] [RFC8705-3]',
      async (_title, smuggle) => {
        const { byDns, other, trail } = standing();
        for (const [thief, reason] of [
          [undefined, 'certificate_missing'],
          [identityOf(other), MISMATCH],
        ] as const) {
          const { heard, interaction } = await steal(smuggle, thief);
          expect([statusOf(heard), (await trail.refusalOf(interaction)).event.reason]).toEqual([401, reason]);
          expect(heard).toContain('error="invalid_token"');
        }
        expect((await byDns.accounts(token)).answer.status).toBe(200);
      },
    );

    it.each(MALFORMED)('a Client-Cert %s is worth nothing [RFC9112-5]', async (_title, smuggle) => {
      const { byDns, other } = standing();
      for (const thief of [undefined, identityOf(other)])
        expect([400, 401]).toContain(statusOf((await steal(smuggle, thief)).heard));
      expect((await byDns.accounts(token)).answer.status).toBe(200);
    });

    it('one in the trailer of a request is worth nothing [RFC9110-6.5.1]', async () => {
      const { byDns, other, trail, world } = standing();
      const door = webDoor(standing(), world.urls.mtlsIssuer);
      const interaction = randomUUID();
      const form = new URLSearchParams({ ...own, client_id: byDns.id }).toString();
      const bytes = [
        'POST /token HTTP/1.1',
        `Host: ${door.address}`,
        'Connection: close',
        'Content-Type: application/x-www-form-urlencoded',
        `x-fapi-interaction-id: ${interaction}`,
        'Transfer-Encoding: chunked',
        'Trailer: Client-Cert',
        '',
        form.length.toString(16),
        form,
        '0',
        `Client-Cert: ${fieldOf(identityOf(byDns))}`,
        '',
        '',
      ].join('\r\n');
      expect(statusOf(await sendBytes(door, bytes, identityOf(other)))).toBe(401);
      expect((await trail.refusalOf(interaction)).event.reason).toBe('certificate_subject_mismatch');
      // The same bytes by the client itself.
      expect(statusOf(await sendBytes(door, bytes.replace(interaction, randomUUID()), identityOf(byDns)))).toBe(200);
    });

    it('the client’s own certificate is not taken from it by naming it in Connection [RFC9110-7.6.1]', async () => {
      const smuggle: Smuggle = () => ['Connection: close, Client-Cert, x-fapi-interaction-id'];
      expect(statusOf((await steal(smuggle, identityOf(standing().byDns))).heard)).toBe(200);
    });
  });
}

describe('around the proxy, at the door of the application,', () => {
  const doors = () => {
    const offset = Number(new URL(platform().urls.bank).port) - 9543;
    const { home } = platform();
    return [
      { home, address: `rpc.auth.localhost:${9446 + offset}`, trust: 'services', path: '/jwks' },
      { home, address: `rpc.bank.localhost:${9546 + offset}`, trust: 'services', path: '/accounts' },
    ] as const;
  };
  const bytes = ({ address, path }: ReturnType<typeof doors>[number], field: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: ${address}\r\nClient-Cert: ${field}\r\nConnection: close\r\n\r\n`;
  const fieldOfVictim = () => fieldOf(identityOf(new RawClient('security-tls-2', platform())));

  const lab = () =>
    new HomeAuthority(platform().home, 'services').issue({ subject: 'CN=lab', uris: ['spiffe://holdfast.test/lab'] });

  it.each<[string, Holder | undefined | (() => PemIdentity)]>([
    ['nobody', undefined],
    ['a person', 'developer/client'],
    ['a client', 'lab/first-client'],
    ['another service', lab],
    ['the bank', 'bank/service'],
    ['the authorization server', 'authorization-server/service'],
    ['the proxy with its certificate for clients', 'edge-proxy/api'],
  ])('not a byte is answered to %s [RFC9440-4] [EDGE-02]', async (_title, who) => {
    const holder = typeof who === 'function' ? who() : who;
    for (const door of doors()) expect(await sendBytes(door, bytes(door, fieldOfVictim()), holder)).toBe('');
  });

  it.each(['authorization-server', 'bank'] as const)('the %s still says how it is to itself', async (app) => {
    const { home } = platform();
    const main = fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url));
    const asked = [main, '--config', join(home, 'config', `${app}.json`), '--home', home, '--check-health'];
    expect((await promisify(execFile)(process.execPath, asked)).stdout).toBe(`${app}: ready\n`);
  });

  it('the proxy is answered, and that its certificate is the proxy’s is all there is to it', async () => {
    const [, bank] = doors();
    expect(statusOf(await sendBytes(bank, bytes(bank, fieldOfVictim()), 'edge-proxy/service'))).toBe(401);
    expect(statusOf(await sendBytes(bank, bytes(bank, 'x'), 'edge-proxy/service'))).toBe(400);
  });
});

// The control group: what the same bytes do where the proxy means well.
for (const name of ['naive nginx', 'naive HAProxy'] as const) {
  onEdge(name, platform, 'a proxy that lets a header of the client through', (standing) => {
    it('gives the accounts of the victim to whoever has a stolen token and a copied certificate', async () => {
      const { byDns, world } = standing();
      const { access_token: token = '' } = await byDns.tokens();
      const door = webDoor(standing(), world.urls.bank);
      const stolen = [`Authorization: Bearer ${token}`, `Client-Cert: ${fieldOf(identityOf(byDns))}`];
      const heard = await sendBytes(door, request(door.address, stolen, randomUUID()));
      expect([statusOf(heard), heard]).toEqual([200, expect.stringContaining('"accounts"')]);
    });
  });
}

onEdge('naive HAProxy', platform, 'a proxy that adds its header to that of the client', (standing) => {
  it('is found out by the application, which takes neither of two [RFC9440-2.4]', async () => {
    const { byDns, other, trail, world } = standing();
    const { access_token: token = '' } = await byDns.tokens();
    const door = webDoor(standing(), world.urls.bank);
    const interaction = randomUUID();
    const stolen = [`Authorization: Bearer ${token}`, `Client-Cert: ${fieldOf(identityOf(byDns))}`];
    const heard = await sendBytes(door, request(door.address, stolen, interaction), identityOf(other));
    expect([statusOf(heard), heard]).toEqual([400, expect.stringContaining('invalid_request')]);
    const { event } = await trail.refusalOf(interaction);
    expect(event).toMatchObject({ action: 'host.edge', reason: 'client_cert_field_malformed' });
    expect(event.evidence).toEqual({ problem: 'client-cert more than once' });
  });
});
