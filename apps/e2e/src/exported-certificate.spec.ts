import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium } from './wire/chromium.ts';
import { Developer } from './wire/developer.ts';

const { home, urls } = inject('world');
const exportCommand = join(import.meta.dirname, '../../../tools/export-identity.mjs');
const POLICIES = '/etc/chromium';

// Chromium asks a person which certificate to show; a policy answers for one, and policies are read from this folder only. So a
// Chromium of this suite sees another folder there, in a mount namespace of its own.
const whyNot = (): string | undefined => {
  if (spawnSync('pk12util', ['--help']).error) return 'pk12util is not installed';
  if (!existsSync(POLICIES)) return `there is no ${POLICIES}`;
  const apart = ['--user', '--map-root-user', '--mount', 'mount', '--bind', tmpdir(), POLICIES];
  return spawnSync('unshare', apart).status === 0 ? undefined : 'this machine gives no namespace';
};
const reason = whyNot();

const folder = mkdtempSync(join(tmpdir(), 'holdfast-browser-'));
let developer: Developer;
let token: string;
beforeAll(async () => {
  developer = new Developer({ home, urls });
  ({ access_token: token } = await developer.tokens());
});
afterAll(async () => {
  await developer.close();
  rmSync(folder, { recursive: true });
});

/** A Chromium whose store holds nothing but what is in these PKCS#12 files, and that shows it to the bank unasked. */
async function chromiumWith(files: readonly { file: string; passwordFile: string }[]): Promise<Browser> {
  const person = mkdtempSync(join(folder, 'person-'));
  const store = join(person, '.pki/nssdb');
  mkdirSync(store, { recursive: true });
  execFileSync('certutil', ['-N', '-d', `sql:${store}`, '--empty-password']);
  for (const { file, passwordFile } of files)
    execFileSync('pk12util', ['-i', file, '-d', `sql:${store}`, '-w', passwordFile]);
  const policies = join(person, 'policies/managed');
  mkdirSync(policies, { recursive: true });
  const choice = JSON.stringify({ pattern: urls.bank, filter: {} });
  writeFileSync(join(policies, 'choice.json'), JSON.stringify({ AutoSelectCertificateForUrls: [choice] }));
  return openChromium(home, { under: person, policies: [person, POLICIES] });
}

async function exported(format: string): Promise<{ file: string; passwordFile: string }> {
  const out = join(folder, format);
  const options = ['developer/client', '--format', format, '--out', out, '--home', home];
  const { stdout } = await promisify(execFile)(process.execPath, [exportCommand, ...options]);
  const [, file = '', passwordFile = ''] = /^Wrote (\S+), its password in (\S+)\.$/m.exec(stdout) ?? [];
  return { file, passwordFile };
}

/** What a person sees who opens the accounts with the token of the client. */
async function accountsIn(browser: Browser): Promise<{ status: number | undefined; text: string }> {
  try {
    const context = await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${token}` } });
    const page = await context.newPage();
    const answer = await page.goto(`${urls.bank}/accounts`);
    return { status: answer?.status(), text: await page.locator('body').innerText() };
  } finally {
    await browser.close();
  }
}

describe.skipIf(reason !== undefined)(`Chromium${reason ? ` (NOT RUN: ${reason})` : ''}`, () => {
  it('is refused by the bank with a token and no certificate [RFC8705-3]', async () => {
    const { status, text } = await accountsIn(await chromiumWith([]));
    expect([status, text]).toEqual([401, expect.not.stringContaining('Everyday')]);
  });

  it.each(['p12', 'p12-legacy'])(
    'opens the accounts with the certificate exported as %s [RFC7292-4]',
    async (format) => {
      const { status, text } = await accountsIn(await chromiumWith([await exported(format)]));
      expect([status, text]).toEqual([200, expect.stringContaining('Everyday account')]);
    },
  );
});
