import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { FindStores, TrustStore } from './store.ts';
import { asRoot, asUser } from './store.ts';
import { FILE_PREFIX, NICKNAME } from './web-root.ts';
import type { WebRoot } from './web-root.ts';

interface AnchorFolder {
  readonly folder: string;
  /** The command that takes notice of a changed folder. */
  readonly update: string;
  /** What it has to be told so that it forgets a file that is gone. */
  readonly afterRemoval: readonly string[];
}

/** Distributions that keep anchors as files in a folder. */
const ANCHOR_FOLDERS: readonly AnchorFolder[] = [
  { folder: '/usr/local/share/ca-certificates', update: 'update-ca-certificates', afterRemoval: ['--fresh'] },
  { folder: '/etc/pki/ca-trust/source/anchors', update: 'update-ca-trust', afterRemoval: [] },
];

/** What curl, and every program that asks the system, goes by. */
export const systemStores: FindStores = (machine) => {
  const store = storeOf(machine);
  if (store !== undefined) return { stores: [store], outOfReach: [] };
  const unknown = {
    name: 'the system',
    why: 'how this system keeps its roots is not known here',
    byHand: ({ file }: WebRoot) => `look up how it takes an authority for websites, and give it ${file}`,
  };
  return { stores: [], outOfReach: [unknown] };
};

function storeOf(machine: Machine): TrustStore | undefined {
  if (machine.platform === 'darwin') return keychain(machine);
  if (machine.platform === 'win32') return windowsRoots(machine);
  const found = ANCHOR_FOLDERS.find(({ folder, update }) => machine.has(update) && existsSync(folder));
  return found && anchorFolder(found);
}

export function anchorFolder({ folder, update, afterRemoval }: AnchorFolder): TrustStore {
  const place = ({ fingerprint }: WebRoot): string => join(folder, `${FILE_PREFIX}${fingerprint.slice(0, 8)}.crt`);
  const remove = (files: readonly string[]) =>
    files.length === 0 ? [] : [asRoot('rm', '-f', ...files), asRoot(update, ...afterRemoval)];
  return {
    name: `the system (${folder})`,
    holds: (root) =>
      Promise.resolve(existsSync(place(root)) && readFileSync(place(root), 'utf8') === root.certificate.toString()),
    add: (root) => [asRoot('install', '-m', '0644', root.file, place(root)), asRoot(update)],
    remove: (root) => remove([place(root)]),
    removeAll() {
      const ours = readdirSync(folder).filter((name) => name.startsWith(FILE_PREFIX) && name.endsWith('.crt'));
      return Promise.resolve(remove(ours.map((name) => join(folder, name))));
    },
  };
}

/** The keychain of the person alone; macOS asks for their password by itself. */
function keychain(machine: Machine): TrustStore {
  const file = join(machine.homeDirectory, 'Library/Keychains/login.keychain-db');
  const find = () => machine.run('security', ['find-certificate', '-a', '-Z', '-c', NICKNAME, file]);
  const remove = (fingerprint: string) => asUser('security', 'delete-certificate', '-Z', fingerprint, '-t', file);
  return {
    name: 'the keychain (login)',
    holds: async ({ fingerprint }) => (await find()).output.includes(fingerprint),
    // Only for TLS servers: without the policy it would vouch for mail and programs too.
    add: (root) => [asUser('security', 'add-trusted-cert', '-r', 'trustRoot', '-p', 'ssl', '-k', file, root.file)],
    remove: ({ fingerprint }) => [remove(fingerprint)],
    removeAll: async () =>
      Array.from((await find()).output.matchAll(/SHA-256 hash: ([0-9A-F]{64})/g), ([, hash]) => remove(hash ?? '')),
  };
}

/** The roots of the person alone; Windows asks by itself. */
function windowsRoots(machine: Machine): TrustStore {
  const list = () => machine.run('certutil', ['-user', '-store', 'Root']);
  const sha1 = ({ certificate }: WebRoot): string => certificate.fingerprint.replaceAll(':', '').toLowerCase();
  const remove = (hash: string) => asUser('certutil', '-user', '-delstore', 'Root', hash);
  return {
    name: 'Windows (roots of this user)',
    holds: async (root) => (await list()).output.replaceAll(' ', '').toLowerCase().includes(sha1(root)),
    add: ({ file }) => [asUser('certutil', '-user', '-addstore', 'Root', file)],
    remove: (root) => [remove(sha1(root))],
    async removeAll() {
      const blocks = (await list()).output.split(/={8,}/).filter((block) => block.includes(`CN=${NICKNAME}`));
      const hashes = blocks.map(
        (block) => /\(sha1\):\s*([0-9a-f ]{40,59})/i.exec(block)?.[1]?.replaceAll(' ', '') ?? '',
      );
      return hashes.filter((hash) => hash !== '').map(remove);
    },
  };
}
