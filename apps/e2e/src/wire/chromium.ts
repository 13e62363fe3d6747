import { X509Certificate, createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** Chromium of this machine: what `npm test` found, else where Debian puts it. */
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** A person of their own: the home directory with their certificates, and a folder that stands where policies are read. */
export interface BrowserPerson {
  readonly under: string;
  readonly policies: readonly [folder: string, at: string];
}

/**
 * A headless Chromium that accepts the keys of this home's web servers, by their fingerprints, and no other certificate outside
 * its own trust store.
 */
export function openChromium(home: string, person?: BrowserPerson): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(`no Chromium at ${executablePath}; CHROMIUM_PATH names one`);
  const leaves = ['authorization-server/browser', 'fintech/web', 'lab/web', 'bank/api'];
  const fingerprints = leaves.map((name) => keyFingerprint(join(home, 'pki', `${name}.crt`)));
  return chromium.launch({
    ...(person ? asPerson(person) : { executablePath }),
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

/** The same Chromium in a mount namespace, in which the policies are those of this person. */
function asPerson({ under, policies: [folder, at] }: BrowserPerson) {
  const wrapper = join(under, 'chromium.sh');
  const inside = 'mount --bind "$1" "$2" && browser=$3 && shift 3 && exec "$browser" "$@"';
  const command = `unshare --user --map-root-user --mount sh -c '${inside}' sh '${folder}' '${at}' '${executablePath}' "$@"`;
  writeFileSync(wrapper, `#!/bin/sh\nexec ${command}\n`, { mode: 0o700 });
  return { executablePath: wrapper, env: { ...process.env, HOME: under } as Record<string, string> };
}

function keyFingerprint(file: string): string {
  const key = new X509Certificate(readFileSync(file)).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
