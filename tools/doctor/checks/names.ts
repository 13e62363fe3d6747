import { isIPv4 } from 'node:net';
import { appNames } from '../../platform/apps.ts';
import { localHealthTarget } from '../../platform/health-target.ts';
import type { Check } from '../surroundings.ts';

const isLoopback = (address: string): boolean => (isIPv4(address) ? address.startsWith('127.') : address === '::1');

/** RFC6761-6.3: names below localhost are this machine, whoever resolves them. */
export const names: Check = async ({ home, offset, addressesOf }) => {
  const hosts = appNames.map((app) => new URL(localHealthTarget(app, home, offset).url).hostname);
  const looked = await Promise.all(hosts.map(async (host) => ({ host, addresses: await addressesOf(host) })));
  const elsewhere = looked.filter(({ addresses }) => !addresses.every(isLoopback));
  const unknown = looked.filter(({ addresses }) => addresses.length === 0);
  return [
    ...elsewhere.map(({ host, addresses }) => ({
      code: 'names_elsewhere' as const,
      detail: `${host}: ${addresses.join(', ')}`,
    })),
    ...(unknown.length === 0
      ? []
      : [{ code: 'names_not_found' as const, detail: unknown.map(({ host }) => host).join(', ') }]),
  ];
};
