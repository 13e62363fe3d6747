import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadIdentity, loadTrust, MtlsConfigError } from '@holdfast/mtls';
import { authorityNames, intermediatePath, readPkiList } from '@holdfast/pki';
import { PlatformTrouble } from '../../platform/trouble.ts';
import { storesOf } from '../../trust/change-trust.ts';
import { readWebRoot } from '../../trust/web-root.ts';
import type { Found } from '../doctor-findings.ts';
import type { Check } from '../surroundings.ts';

/** Authorities, bundles and leaves of the home, as the applications would load them. */
export const pki: Check = ({ home, now }) => {
  const folder = join(home, 'pki');
  if (!existsSync(join(folder, 'authority'))) return [{ code: 'pki_missing', detail: folder }];
  const list = readPkiList();
  // The roots may be kept elsewhere; what a process enrols for it gets when it starts.
  const missing = authorityNames
    .flatMap((name) => ['crt', 'key'].map((end) => `${intermediatePath(home, name)}.${end}`))
    .filter(isMissing);
  const leaves = Object.entries(list.leaves).filter(
    ([name, { expired, enrols }]) => !expired && !(enrols && isMissing(join(folder, `${name}.crt`))),
  );
  return [
    ...missing.map((detail) => ({ code: 'pki_half_made' as const, detail })),
    ...authorityNames.flatMap((name) => unusable(() => void loadTrust(join(folder, `trust/${name}.pem`), now))),
    ...leaves.flatMap(([name]) => leafFaults(join(folder, name), now)),
  ];
};

const isMissing = (file: string): boolean => !existsSync(file);

function leafFaults(path: string, now: Date): Found[] {
  return unusable(() => loadIdentity({ certificate: `${path}.crt`, key: `${path}.key` }, { now: () => now }).close());
}

function unusable(load: () => void): Found[] {
  try {
    load();
    return [];
  } catch (error) {
    if (!(error instanceof MtlsConfigError)) throw error;
    return [{ code: 'pki_unusable', detail: error.message }];
  }
}

/** Whether browsers and the system trust the web root, and whether they may. */
export const trust: Check = async ({ home, machine, now }) => {
  if (!existsSync(join(home, 'pki/trust/web.pem'))) return [];
  try {
    const root = readWebRoot(home, now);
    const { stores, outOfReach } = storesOf(machine);
    const holds = await Promise.all(stores.map(async (store) => ({ store, trusts: await store.holds(root) })));
    const without = [
      ...holds.filter(({ trusts }) => !trusts).map(({ store }) => store.name),
      ...outOfReach.map(({ name }) => name),
    ];
    return without.length === 0 ? [] : [{ code: 'root_not_trusted', detail: without.join(', ') }];
  } catch (error) {
    if (!(error instanceof PlatformTrouble)) throw error;
    // What else can be wrong with it, the check of the PKI tells.
    return error.message.includes('any site')
      ? [{ code: 'root_unlimited', detail: join(home, 'pki/trust/web.pem') }]
      : [];
  }
};
