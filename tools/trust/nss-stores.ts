import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { FindStores, OutOfReach, TrustStore } from './store.ts';
import { asUser } from './store.ts';
import { NICKNAME } from './web-root.ts';

/** Where Chromium looks on Linux, and where Firefox keeps its profiles; below the folder of the person. */
const CHROMIUM = ['.pki/nssdb', '.local/share/pki/nssdb', 'snap/chromium/current/.pki/nssdb'];
const FIREFOX: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['.mozilla/firefox', 'snap/firefox/common/.mozilla/firefox', '.var/app/org.mozilla.firefox/.mozilla/firefox'],
  darwin: ['Library/Application Support/Firefox/Profiles'],
  win32: ['AppData/Roaming/Mozilla/Firefox/Profiles'],
};
const CHROMIUM_PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** The databases of browsers that do not ask the system: NSS, in SQLite, changed with its own `certutil`. */
export const nssStores: FindStores = (machine) => {
  const databases = [...chromiumDatabases(machine), ...firefoxProfiles(machine)];
  // On Windows another program is called certutil.
  const hasTool = machine.platform !== 'win32' && machine.has('certutil');
  if (hasTool) return { stores: databases.map(({ name, folder }) => nssStore(machine, name, folder)), outOfReach: [] };
  return { stores: [], outOfReach: databases.map(({ name }) => withoutTool(machine, name)) };
};

interface Database {
  readonly name: string;
  readonly folder: string;
}

function chromiumDatabases({ platform, homeDirectory, has }: Machine): readonly Database[] {
  if (platform !== 'linux') return [];
  const found = CHROMIUM.filter((folder) => existsSync(join(homeDirectory, folder, 'cert9.db')));
  const first = CHROMIUM_PROGRAMS.some(has) ? CHROMIUM.slice(0, 1) : [];
  return (found.length === 0 ? first : found).map((folder) => ({
    name: `Chromium (~/${folder})`,
    folder: join(homeDirectory, folder),
  }));
}

function firefoxProfiles({ platform, homeDirectory }: Machine): readonly Database[] {
  return (FIREFOX[platform] ?? []).flatMap((profiles) => {
    const folder = join(homeDirectory, profiles);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names
      .filter((name) => existsSync(join(folder, name, 'cert9.db')))
      .map((name) => ({ name: `Firefox (${name})`, folder: join(folder, name) }));
  });
}

function nssStore(machine: Machine, name: string, folder: string): TrustStore {
  const database = `sql:${folder}`;
  const exists = (): boolean => existsSync(join(folder, 'cert9.db'));
  const remove = (nickname: string) => asUser('certutil', '-d', database, '-D', '-n', nickname);
  return {
    name,
    async holds({ nickname, certificate }) {
      const { code, output } = await machine.run('certutil', ['-d', database, '-L', '-n', nickname, '-a']);
      return code === 0 && output.replace(/\s/g, '').includes(certificate.toString().replace(/\s/g, ''));
    },
    add: ({ nickname, file }) => [
      ...(exists()
        ? []
        : [asUser('mkdir', '-p', folder), asUser('certutil', '-d', database, '-N', '--empty-password')]),
      // C: it vouches for servers. Not for clients, not for mail, not for programs.
      asUser('certutil', '-d', database, '-A', '-t', 'C,,', '-n', nickname, '-i', file),
    ],
    remove: ({ nickname }) => (exists() ? [remove(nickname)] : []),
    async removeAll() {
      if (!exists()) return [];
      const { output } = await machine.run('certutil', ['-d', database, '-L']);
      return nicknamesIn(output).map(remove);
    },
  };
}

/** Nicknames of ours in the table that `certutil -L` prints. */
const nicknamesIn = (table: string): readonly string[] =>
  Array.from(table.matchAll(new RegExp(`^(${NICKNAME} [0-9A-F]{8})\\s`, 'gm')), ([, nickname]) => nickname ?? '');

const INSTALL: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'install certutil (Debian, Ubuntu: libnss3-tools; Fedora: nss-tools) and run this again',
  darwin: 'install certutil (brew install nss) and run this again',
};

const withoutTool = ({ platform }: Machine, name: string): OutOfReach => ({
  name,
  why: 'its store is changed with the certutil of NSS, which is not here',
  byHand: ({ file }) => {
    const install = INSTALL[platform];
    const hand = `in its settings, under Certificates, Authorities: import ${file} and trust it for websites only`;
    return install === undefined ? hand : `${install}; or ${hand}`;
  },
});
