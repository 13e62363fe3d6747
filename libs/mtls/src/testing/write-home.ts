import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { issueCrl } from '../authority/index.ts';
import type { Authority, Leaf } from '../authority/index.ts';
import { LISTED_LEAVES } from './listed-leaves.ts';
import type { LeafName } from './listed-leaves.ts';
import type { Trust } from '../trust.ts';

/** Writes trust bundles, leaves and the keys of nonces where the applications look for them; no authority's key. */
export function writeHome(
  home: string,
  domains: Record<string, { readonly trust: Trust; readonly intermediate: Authority }>,
  leaf: (name: LeafName) => Leaf,
): void {
  const write = (path: string, content: string, mode: number): void => {
    const file = join(home, 'pki', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  for (const [name, { trust, intermediate: issuer }] of Object.entries(domains)) {
    write(`trust/${name}.pem`, trust.pem, 0o644);
    const [thisUpdate, nextUpdate] = [new Date(0), new Date('2049-01-01T00:00:00Z')];
    write(`trust/${name}.crl`, issueCrl({ issuer, revoked: [], number: 1, thisUpdate, nextUpdate }), 0o644);
  }
  for (const name of Object.keys(LISTED_LEAVES) as LeafName[]) {
    const { certificatePem, keyPem } = leaf(name);
    write(`${name}.crt`, certificatePem, 0o644);
    write(`${name}.key`, keyPem, 0o600);
  }
  for (const holder of ['authorization-server', 'bank']) {
    write(`${holder}/dpop-nonce.key`, `${randomBytes(32).toString('base64url')}\n`, 0o600);
  }
}
