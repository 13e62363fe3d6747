import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { listenersOf } from './platform/listeners.ts';
import type { Listener } from './platform/listeners.ts';

// Every listener as OpenSSL sees it from outside.
const { home, urls } = inject('world');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listeners = listenersOf(urls);

/** What it says once the handshake is over. */
const DONE = 'Verify return code';

/** @returns what `openssl s_client` says, on both outputs; `lines` are typed once connected */
function sClient({ host, port, root }: Listener, args: readonly string[], lines = ''): Promise<string> {
  const trust = ['-CAfile', join(home, 'pki/trust', `${root}.pem`), '-verify_return_error', '-verify_hostname', host];
  return new Promise((resolve) => {
    const run = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', host, ...trust, ...args];
    const child = execFile('openssl', run, { timeout: 15_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    // One second for what a server sends after the handshake, such as tickets; then end of input, and s_client leaves.
    let seen = '';
    child.stdout?.on('data', (text: string) => {
      if (!seen.includes(DONE) && (seen += text).includes(DONE)) setTimeout(() => child.stdin?.end(lines), 1_000);
    });
  });
}

/** The lowest bar of the local OpenSSL taken away, so that a refusal is the server's. */
const anything = ['-cipher', 'ALL:@SECLEVEL=0'];

describe.each(listeners)('$name', (at) => {
  let greeting: string;
  beforeAll(async () => {
    greeting = await sClient(at, ['-msg']);
  });

  it('chooses TLS 1.3 and proves its name under its own root [FAPI2-SP-FINAL-5.2.1] [FAPI2-SP-FINAL-5.2.1-2] [TLS-01]', () => {
    expect(greeting).toMatch(/New, TLSv1\.3, Cipher is TLS_/);
    expect(greeting).toContain('Verify return code: 0 (ok)');
  });

  it(`${at.asks ? 'asks' : 'never asks'} for a client certificate [RFC8705-6.1] [TLS-07] [RFC8446-4.3.2] [TLS-08]`, () => {
    expect(greeting).toMatch(/<<< TLS 1\.3, Handshake \[[^\]]*\], ServerHello/);
    expect(/<<< TLS 1\.3, Handshake \[[^\]]*\], CertificateRequest/.test(greeting)).toBe(at.asks);
  });

  it('speaks TLS 1.2, if at all, with the two suites that are allowed [FAPI2-SP-FINAL-5.2.2-1] [TLS-02] [FAPI1-ADV-8.5-1] [TLS-04]', async () => {
    const allowed = ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'];
    const without = `ALL:${allowed.map((name) => `!${name}`).join(':')}:@SECLEVEL=0`;
    expect(await sClient(at, ['-tls1_2', '-cipher', without])).toContain('Cipher is (NONE)');
    const chosen = /Cipher is (\S+)/.exec(await sClient(at, ['-tls1_2', ...anything]))?.[1];
    expect(['(NONE)', ...allowed]).toContain(chosen);
  });

  it.each(['-tls1_1', '-tls1'])('does not speak %s [RFC9325-3.1.1] [TLS-03]', async (version) => {
    const said = await sClient(at, [version, ...anything]);
    expect(said).toContain('Cipher is (NONE)');
    expect(said).toMatch(/alert protocol version|alert number 70/); // The server's refusal, not one of our own OpenSSL.
  });

  it('resumes no session: each connection shows its certificate anew [RFC8446-2.2] [TLS-05]', async () => {
    const session = join(folder, `${at.port}.pem`);
    await sClient(at, ['-sess_out', session]);
    const again = await sClient(at, ['-sess_in', session]);
    expect(again).toMatch(/New, TLSv1\.3|unable to load|Can't open session file/i);
    expect(again).not.toContain('Reused,');
  });

  it('offers no early data [RFC8446-8] [TLS-06]', () => {
    expect(greeting).not.toMatch(/Max Early Data: [1-9]/);
  });

  it('answers no plaintext HTTP [FAPI2-SP-FINAL-5.2.1-1] [TLS-14]', async () => {
    const heard = await plaintext(at.port, `GET /readyz HTTP/1.1\r\nHost: ${at.host}\r\n\r\n`);
    expect(heard).not.toMatch(/HTTP\/|html|\{/i);
  });

  it('answers no plaintext HTTP/2', async () => {
    expect(await plaintext(at.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).not.toMatch(/HTTP|^\0\0.\x04/s);
  });
});

describe.each(listeners.filter(({ root }) => root === 'services'))('$name', (at) => {
  it('insists on a certificate of a service [RFC8446-4.4.2.4] [TLS-10]', async () => {
    expect(await sClient(at, [], 'PRI * HTTP/2.0\r\n\r\n')).toMatch(/alert certificate required|alert number 116/);
  });

  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  const as = (name: string): Promise<string> => {
    const file = join(home, 'pki', name);
    return sClient(at, ['-alpn', 'h2', '-cert', `${file}.crt`, '-key', `${file}.key`], preface);
  };
  const cutOff = /unexpected eof|alert number \d+/;

  it.each(['fintech/transport', 'developer/client', 'lab/first-client'])(
    'does not take %s for a service',
    async (name) => {
      expect(await as(name)).toMatch(cutOff);
    },
  );

  it('talks to a service', async () => {
    expect(await as('bank/service')).not.toMatch(cutOff);
  });
});

/** @returns what comes back on a bare socket within a second and a half */
function plaintext(port: string, words: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ host: '127.0.0.1', port: Number(port) }, () => socket.write(words));
    const end = (): void => {
      socket.destroy();
      resolve(heard);
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => (heard += chunk));
    socket.on('error', end).on('close', end).setTimeout(1_500, end);
  });
}
