import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createSigningJwks } from '../authority/index.ts';
import type { Leaf } from '../authority/index.ts';
import { LISTED_LEAVES } from './listed-leaves.ts';
import type { LeafName } from './listed-leaves.ts';
import type { Trust } from '../trust.ts';

/** Writes trust bundles, leaves and the signing keys where the applications look for them; no authority's key. */
export function writeHome(
  home: string,
  domains: Record<string, { readonly trust: Trust }>,
  leaf: (name: LeafName) => Leaf,
): void {
  const write = (path: string, content: string, mode: number): void => {
    const file = join(home, 'pki', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  for (const [name, { trust }] of Object.entries(domains)) write(`trust/${name}.pem`, trust.pem, 0o644);
  for (const name of Object.keys(LISTED_LEAVES) as LeafName[]) {
    const { certificatePem, keyPem } = leaf(name);
    write(`${name}.crt`, certificatePem, 0o644);
    write(`${name}.key`, keyPem, 0o600);
  }
  write('authorization-server/signing-keys.json', JSON.stringify(createSigningJwks()), 0o600);
}
