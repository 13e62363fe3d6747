import { X509Certificate, createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** Chromium of this machine: what `npm test` found, else where Debian puts it. */
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/**
 * A headless Chromium that accepts the keys of this home's web servers, by their fingerprints, and no other certificate outside
 * its own trust store.
 */
export function openChromium(home: string): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(`no Chromium at ${executablePath}; CHROMIUM_PATH names one`);
  const leaves = ['authorization-server/browser', 'fintech/web', 'lab/web'];
  const fingerprints = leaves.map((name) => keyFingerprint(join(home, 'pki', `${name}.crt`)));
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--ignore-certificate-errors-spki-list=${fingerprints.join(',')}`,
    ],
  });
}

function keyFingerprint(file: string): string {
  const key = new X509Certificate(readFileSync(file)).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
