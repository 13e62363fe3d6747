import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PlatformTrouble } from '../platform/trouble.ts';
import type { Say } from '../progress.ts';

/** Programs of the machine that the tests use beside what npm installs, and the Debian package that brings each. */
const programs = [
  { name: 'openssl', debian: 'openssl', purpose: 'judges our PKI from outside' },
  { name: 'curl', debian: 'curl', purpose: 'plays the client of the README' },
] as const;

const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Finds what the tests need on this machine, and installs what is missing where that is possible (Debian, as root).
 * @returns path of a Chromium
 * @throws PlatformTrouble naming what to install
 */
export async function ensureRequirements(say: Say): Promise<{ readonly chromium: string }> {
  const missing: string[] = programs.filter(({ name }) => !onPath(name)).map(({ debian }) => debian);
  if (!findChromium()) missing.push('chromium');
  if (missing.length > 0) await install(missing, say);
  const chromium = findChromium();
  if (!chromium) throw new PlatformTrouble('the browser tests found no Chromium', howToInstall(['chromium']));
  return { chromium };
}

/** CHROMIUM_PATH, else one of the machine, else one that Playwright once downloaded. */
function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new PlatformTrouble(`CHROMIUM_PATH names ${named}, and there is nothing`, 'Correct or unset CHROMIUM_PATH.');
  }
  const onMachine = browserNames.map(onPath).find((path) => path !== undefined);
  if (onMachine !== undefined) return onMachine;
  const downloads = process.platform === 'darwin' ? 'Library/Caches/ms-playwright' : '.cache/ms-playwright';
  const known = [
    ...globSync(join(homedir(), downloads, 'chromium-*/chrome-*/chrome')),
    ...globSync(join(homedir(), downloads, 'chromium-*/chrome-*/*.app/Contents/MacOS/*')),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  return known.find((path) => existsSync(path));
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/bin', '/usr/local/bin');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function install(packages: readonly string[], say: Say): Promise<void> {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    throw new PlatformTrouble(`the tests need ${packages.join(', ')}`, howToInstall(packages));
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  say(`installing ${packages.join(', ')}`);
  const run = (args: readonly string[]): Promise<boolean> =>
    new Promise((resolve) => {
      const child = spawn('apt-get', [...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      child.on('error', () => resolve(false));
      child.on('close', (code) => resolve(code === 0));
    });
  const installing = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (await run(installing)) return;
  await run(['update', '-qq']);
  if (await run(installing)) return;
  throw new PlatformTrouble(`apt-get could not install ${packages.join(', ')}`, howToInstall(packages));
}

function howToInstall(packages: readonly string[]): string {
  return `Debian: sudo apt-get install ${packages.join(' ')}. Elsewhere install them another way; CHROMIUM_PATH names a browser.`;
}
