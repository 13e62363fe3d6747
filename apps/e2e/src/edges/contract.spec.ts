import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { expectRefused, invalidClient, invalidToken } from '../attacks/expect-refused.ts';
import type { World } from '../platform/global-setup.ts';
import type { Http, PemIdentity } from '../wire/http.ts';
import { selfSigned } from '../wire/participants.ts';
import type { Exchange } from '../wire/raw-client.ts';
import { BOUND, within } from '../wire/within.ts';
import {
  ACCEPTED,
  identityOf,
  MISMATCH,
  ordered,
  orderFor,
  own,
  rsa,
  thumbprintIn,
  thumbprintOf,
  tokenWith,
  UNREAD,
  withHttp,
  WRONG,
} from './certificates.ts';
import { EDGES, onEdge, platformBehindProxy, PROXIES } from './edge.ts';
import type { EdgeName } from './edge.ts';
import { revoke } from './revoke.ts';

// One contract for whoever ends TLS: authorization server and bank themselves, or a proxy in front of them. What a client is told,
// and what the operator reads, is the same.
const platform = platformBehindProxy();

/** How much further the bank listens for its proxy than it is known. */
const BEHIND = 3;

for (const name of EDGES) {
  onEdge(name, platform, 'clients with certificates', (standing) => {
    let token: string;
    beforeAll(async () => {
      ({ access_token: token = '' } = await standing().byDns.tokens());
    });
    const expectServed = async () => expect((await standing().byDns.accounts(token)).answer.status).toBe(200);

    it.each(WRONG)('the authorization server refuses $title [RFC8705-2.1] [EDGE-05]', async ({ make, reason }) => {
      const { byDns, trail } = standing();
      const exchange = await withHttp(standing(), make(standing()), (http) => byDns.token(own, { http }));
      await expectRefused(exchange, invalidClient(reason), trail);
    });

    it.each(WRONG)(
      'the bank refuses a stolen token with $title [RFC8705-3]',
      async ({ make, reason, reasonAtBank }) => {
        const { byDns, trail } = standing();
        const exchange = await withHttp(standing(), make(standing()), (http) => byDns.show(token, 'Bearer', { http }));
        await expectRefused(exchange, invalidToken(reasonAtBank ?? reason), trail);
        await expectServed();
      },
    );

    it.each(UNREAD)('a certificate with $title is none [RFC5280-4.1]', async ({ make, reason }) => {
      const { byDns, trail } = standing();
      for (const ask of [
        (http: Http) => byDns.token(own, { http }),
        (http: Http) => byDns.show(token, 'Bearer', { http }),
      ])
        await expectRefused(await withHttp(standing(), make(standing()), ask), invalidClient(reason), trail);
      await expectServed();
    });

    it('the bank refuses a stolen token with another certificate of its client [RFC8705-3]', async () => {
      const { byDns, trail } = standing();
      const exchange = await withHttp(standing(), ordered({})(standing()), (http) =>
        byDns.show(token, 'Bearer', { http }),
      );
      await expectRefused(exchange, invalidToken(MISMATCH), trail);
    });

    it('a certificate that another client signed is refused [RFC5280-4.2.1.9]', async () => {
      const { byDns, other, participants, trail } = standing();
      const forged = participants.issueBy(identityOf(other), orderFor(byDns));
      // nginx knows the leaf of a client and nothing beside it: of the other client's certificate nobody hears.
      const reason = name === 'nginx' ? 'chain_incomplete' : 'issued_by_leaf';
      for (const [ask, refusal] of [
        [(http: Http) => byDns.token(own, { http }), invalidClient(reason)],
        [(http: Http) => byDns.show(token, 'Bearer', { http }), invalidToken(reason)],
      ] as const) {
        const exchange = await withHttp(standing(), forged, ask).catch(tornBy('HAProxy', name));
        if (exchange !== undefined) await expectRefused(exchange, refusal, trail);
      }
    });

    it.each(ACCEPTED)(
      'a certificate %s is good, and its token bound to it and served with it alone [RFC8705-3.1]',
      async (_title, make) => {
        const { byDns, trail } = standing();
        const identity = make(standing()) as PemIdentity;
        await withHttp(standing(), identity, async (http) => {
          const bound = await tokenWith(byDns, http);
          expect(thumbprintIn(bound)).toBe(thumbprintOf(identity));
          expect((await byDns.show(bound, 'Bearer', { http })).answer.status).toBe(200);
          await expectRefused(await byDns.show(bound), invalidToken(MISMATCH), trail);
        });
      },
    );

    it('a whole flow ends with the accounts, by a certificate of an authority [RFC8705-2.1] and by one of its own making [RFC8705-2.2]', async () => {
      for (const client of [standing().byDns, standing().byBytes]) {
        const { access_token = '', refresh_token = '' } = await client.tokens();
        expect(thumbprintIn(access_token)).toBe(thumbprintOf(identityOf(client)));
        expect((await client.accounts(access_token)).answer.status).toBe(200);
        const refreshed = await client.token({ grant_type: 'refresh_token', refresh_token });
        expect(refreshed.answer.status).toBe(200);
      }
    });

    it('a certificate of one’s own making that nobody registered is refused [RFC8705-2.2]', async () => {
      const { byBytes, trail } = standing();
      const identity = selfSigned(orderFor(byBytes));
      const exchange = await withHttp(standing(), identity, (http) => byBytes.token(own, { http }));
      await expectRefused(exchange, invalidClient('certificate_unregistered'), trail);
    });

    it('the root vouches for no intermediate that is not in the bundle, though it has signed it [RFC8705-7.4]', async () => {
      const { byDns, participants, trail } = standing();
      const identity = participants.issueBySibling(orderFor(byDns, { key: rsa(4096) }), rsa(4096));
      const exchange = await withHttp(standing(), identity, (http) => byDns.token(own, { http }));
      // nginx knows the leaf of a client and nothing beside it.
      const reason = name === 'nginx' ? 'chain_incomplete' : 'certificate_untrusted';
      await expectRefused(exchange, invalidClient(reason), trail);
    });

    it('a certificate that its authority takes back is refused within two seconds, on an open connection too [RFC8705-7.4]', async () => {
      const { byDns, trail, world } = standing();
      const identity = ordered({})(standing()) as PemIdentity;
      await withHttp(standing(), identity, async (http) => {
        const bound = await tokenWith(byDns, http);
        const atServer = () => byDns.token(own, { http });
        const atBank = () => byDns.show(bound, 'Bearer', { http });
        expect([(await atServer()).answer.status, (await atBank()).answer.status]).toEqual([200, 200]);
        await revoke(world.home, identity);
        const isRefused = (exchange: Exchange) => exchange.answer.status === 401;
        const refused = (ask: () => Promise<Exchange>) => within(BOUND, ask, isRefused);
        const [server, bank] = await Promise.all([refused(atServer), refused(atBank)]);
        await expectRefused(server, invalidClient('certificate_revoked'), trail);
        await expectRefused(bank, invalidToken('certificate_revoked'), trail);
      });
      await expectServed();
    });
  });
}

/** HAProxy 2.6 cannot be told to overlook every fault that OpenSSL finds in a chain: of some it makes an end itself. */
const tornBy =
  (known: EdgeName, name: EdgeName) =>
  (error: unknown): undefined => {
    if (name !== known || (error as { code?: string }).code !== 'UND_ERR_SOCKET') throw error;
  };

/** What `openssl s_client` says once the handshake is over. */
const DONE = 'Verify return code';

for (const name of PROXIES) {
  onEdge(name, platform, 'a listener', (standing) => {
    const doors = () => [standing().world.urls.mtlsIssuer, standing().world.urls.bank].map((url) => new URL(url));
    const sClient = async ({ hostname, port }: URL, ...args: string[]): Promise<string> => {
      const ca = join(standing().world.home, 'pki/trust/web.pem');
      const trust = ['-CAfile', ca, '-verify_return_error', '-verify_hostname', hostname, '-servername', hostname];
      const run = promisify(execFile)('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...trust, ...args]);
      // It ends with an error when it is refused; what it saw until then is what the test wants.
      const said = run.catch((failed: unknown) => failed as { stdout: string; stderr: string });
      // After the handshake long enough for what a server sends then, such as tickets.
      let seen = '';
      run.child.stdout?.on('data', (text: string) => {
        if (!seen.includes(DONE) && (seen += text).includes(DONE)) setTimeout(() => run.child.stdin?.end(), 500);
      });
      const { stdout, stderr } = await said;
      return stdout + stderr;
    };

    it('speaks TLS 1.3 under its own name, and asks for a certificate [FAPI2-SP-FINAL-5.2.1]', async () => {
      for (const door of doors()) {
        const greeting = await sClient(door, '-msg');
        expect(greeting).toMatch(/New, TLSv1\.3, Cipher is TLS_/);
        expect(greeting).toContain('Verify return code: 0 (ok)');
        expect(greeting).toMatch(/<<< TLS 1\.3, Handshake \[[^\]]*\], CertificateRequest/);
      }
    });

    it('resumes no session: each connection shows its certificate anew [RFC8446-2.2]', async () => {
      for (const door of doors()) {
        const session = join(standing().world.home, `${randomUUID()}.pem`);
        await sClient(door, '-sess_out', session);
        const again = await sClient(door, '-sess_in', session);
        expect(again).toMatch(/New, TLSv1\.3|Can't open session file/i);
        expect(again).not.toContain('Reused,');
      }
    });

    it('sends a request once, whatever becomes of it [RFC9110-9.2.2]', async () => {
      const { byDns, world } = standing();
      const received: unknown[] = [];
      await platform().kill('bank');
      // In the place of the bank somebody who has its key, and hangs up on everybody.
      const server = await standIn(world, ({ method, socket }) => {
        received.push(method);
        socket.destroy();
      });
      try {
        for (const method of ['POST', 'GET', 'POST']) {
          // Each on a connection of its own: on a later request of one HAProxy hangs up instead of answering.
          const ask = (http: Http) => byDns.send(world.urls.bank, { method, http });
          expect((await withHttp(standing(), identityOf(byDns), ask)).answer.status).toBe(502);
        }
        expect(received).toEqual(['POST', 'GET', 'POST']);
      } finally {
        await new Promise((resolve) => server.close(resolve));
        await platform().start('bank');
      }
    });

    it('answers no plain text [FAPI2-SP-FINAL-5.2.1-1] [TLS-14]', async () => {
      for (const { host } of doors()) expect(await plainText(host)).toBe('');
    });

    it('speaks no TLS 1.2 [FAPI2-SP-FINAL-5.2.2-1]', async () => {
      for (const door of doors())
        expect(await sClient(door, '-tls1_2', '-cipher', 'ALL:@SECLEVEL=0')).toContain('Cipher is (NONE)');
    });
  });
}

/** A listener where the bank's was, with the certificate of its service. */
async function standIn({ home, urls }: World, hear: (request: IncomingMessage) => void): Promise<Server> {
  const file = (name: string): Buffer => readFileSync(join(home, 'pki/bank', name));
  const server = createServer({ cert: file('service.crt'), key: file('service.key') }, hear);
  server.listen(Number(new URL(urls.bank).port) + BEHIND, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** @returns what comes back to a request without TLS */
function plainText(host: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(`https://${host}`).port) });
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    socket.on('error', () => undefined).on('close', () => resolve(heard));
    socket.write(`GET /readyz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

// The last of all: afterwards nobody is let in any more.
onEdge('nginx', platform, 'a proxy whose certificate is taken back', (standing) => {
  it('is cut off within two seconds, with every client behind it [RFC8705-7.4]', async () => {
    const { byDns, world } = standing();
    expect((await byDns.token(own)).answer.status).toBe(200);
    await revoke(world.home, 'edge-proxy/service');
    const { answer } = await within(
      BOUND,
      () => byDns.token(own),
      (exchange) => exchange.answer.status !== 200,
    );
    expect(answer.status).toBe(502);
  });
});
