import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Developer } from './wire/developer.ts';

// What a developer types: curl with the PKCS#12 file of the client `developer`.
const { home, urls } = inject('world');
const developer = new Developer({ home, urls });
let token = '';
beforeAll(async () => {
  token = (await developer.tokens(['Everyday account', 'Credit card'])).access_token;
});
afterAll(() => developer.close());

const pki = (name: string): string => join(home, 'pki', name);
const certificate = [
  '--cert-type',
  'P12',
  '--cert',
  `${pki('developer/client.p12')}:${readFileSync(pki('developer/client.p12.password'), 'utf8').trim()}`,
];

/** @returns the status, then the body */
async function curl(url: string, args: readonly string[]): Promise<{ status: string; body: string }> {
  const { hostname, port } = new URL(url);
  // Not every curl maps names below localhost to this machine by itself.
  const own = ['--silent', '--show-error', '--max-time', '10', '--resolve', `${hostname}:${port}:127.0.0.1`];
  const { stdout } = await promisify(execFile)('curl', [...own, '--write-out', '\n%{http_code}', ...args, url]);
  const end = stdout.lastIndexOf('\n');
  return { status: stdout.slice(end + 1), body: stdout.slice(0, end) };
}

const trusted = ['--cacert', pki('trust/web.pem')];
const bearer = (): string[] => ['--header', `Authorization: Bearer ${token}`];

describe('curl', () => {
  it('is refused with the token but without the certificate [RFC8705-3]', async () => {
    const { status, body } = await curl(`${urls.bank}/accounts`, [...trusted, ...bearer()]);
    expect(status).toBe('401');
    expect(JSON.parse(body)).toMatchObject({ error: 'invalid_token' });
  });

  it('is refused with the certificate of another client [RFC8705-3]', async () => {
    const other = ['--cert', pki('lab/first-client.crt'), '--key', pki('lab/first-client.key')];
    expect((await curl(`${urls.bank}/accounts`, [...trusted, ...other, ...bearer()])).status).toBe('401');
  });

  it('is refused with the certificate but without a token [RFC6750-3.1]', async () => {
    expect((await curl(`${urls.bank}/accounts`, [...trusted, ...certificate])).status).toBe('401');
  });

  it('does not believe the bank without the root of this platform', async () => {
    await expect(curl(`${urls.bank}/accounts`, [...certificate, ...bearer()])).rejects.toMatchObject({ code: 60 });
  });

  it('reads the accounts with the token and its PKCS#12 file', async () => {
    const { status, body } = await curl(`${urls.bank}/accounts`, [...trusted, ...certificate, ...bearer()]);
    expect(status).toBe('200');
    const { accounts } = JSON.parse(body) as { accounts: { display_name: string }[] };
    expect(accounts.map((account) => account.display_name).sort()).toEqual(['Credit card', 'Everyday account']);
  });
});
