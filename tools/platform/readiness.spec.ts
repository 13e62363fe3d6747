import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askReadiness, awaitReadiness } from './readiness.ts';

let home: string;
let server: Server;
let port: number;
let status = 503;
const trustFile = (name: string) => join(home, 'pki/trust', name);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-readiness-'));
  const pki = throwAwayPki();
  pki.write(home);
  const { certificatePem, keyPem } = pki.identity('bank/api').current();
  server = createServer({ cert: certificatePem, key: keyPem, minVersion: 'TLSv1.3' }, (request, response) => {
    response.statusCode = request.url === '/readyz' ? status : 404;
    response.end(status === 200 ? 'ready' : 'the store is missing');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true });
});

describe('asking for readiness', () => {
  it('does not take the word of a server under another root', async () => {
    status = 200;
    const asked = await askReadiness({
      url: `https://api.bank.localhost:${port}`,
      trustFile: trustFile('participants.pem'),
    });
    expect(asked.ready).toBe(false);
  });

  it('does not take the word of a server of another name', async () => {
    status = 200;
    const asked = await askReadiness({ url: `https://auth.localhost:${port}`, trustFile: trustFile('web.pem') });
    expect(asked).toMatchObject({ ready: false, answer: expect.stringContaining('auth.localhost') });
  });

  it('gives up after its time, with the last answer', async () => {
    status = 503;
    const asked = await awaitReadiness(
      { url: `https://api.bank.localhost:${port}`, trustFile: trustFile('web.pem') },
      {
        within: 150,
        signal: new AbortController().signal,
      },
    );
    expect(asked).toEqual({ ready: false, answer: '503 the store is missing' });
  });

  it('sees when the process becomes ready', async () => {
    status = 503;
    setTimeout(() => (status = 200), 150);
    const asked = await awaitReadiness(
      { url: `https://api.bank.localhost:${port}`, trustFile: trustFile('web.pem') },
      {
        within: 5_000,
        signal: new AbortController().signal,
      },
    );
    expect(asked.ready).toBe(true);
  });
});
