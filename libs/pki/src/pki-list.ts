import { readFileSync } from 'node:fs';
import type { Purpose } from '@holdfast/mtls/authority';
import { parse } from 'yaml';
import { z } from 'zod';

const purpose = z.enum(['server', 'client', 'both', 'none']);
const leafName = z.string().regex(/^[a-z-]+\/[a-z0-9-]+$/, 'is <holder>/<name>');

const authority = z.strictObject({
  root: z.string().min(1),
  intermediate: z.string().min(1),
  purpose: purpose.exclude(['none']),
});

/** `10m`, `24h`, `7d`: what a demonstration of renewal counts in. */
const duration = z.string().regex(/^[1-9]\d{0,4}[smhd]$/, 'is a number and one of s, m, h, d');

const leaf = z.strictObject({
  authority: z.enum(['web', 'participants', 'services']),
  subject: z.string().min(1),
  dns: z.array(z.string()).optional(),
  uri: z.array(z.string()).optional(),
  /** That of its authority when absent. */
  purpose: purpose.optional(),
  key: z.enum(['P-256', 'RSA-2048']).default('P-256'),
  /** How long one certificate lives; that of the list when absent. */
  ttl: duration.optional(),
  /** Its holder is a process that makes the key itself and enrols for the certificate. RFC7030-4.2. */
  enrols: z.boolean().default(false),
  /** Ended yesterday, on purpose: for the lab. */
  expired: z.boolean().default(false),
  /** Also written as PKCS#12, with its password beside it. */
  pkcs12: z.boolean().default(false),
});

/** What a client signs with, and the certificate it makes for itself; nobody vouches for it. */
const clientKey = z.strictObject({ subject: z.string().min(1), algorithm: z.enum(['ES256', 'PS256']) });

const days = z.int().positive();

const list = z.strictObject({
  authorities: z.strictObject({ web: authority, participants: authority, services: authority }),
  lifetimes: z.strictObject({
    root: days,
    intermediate: days,
    leaf: days,
    clientKey: days,
    /** Of a leaf, in finer steps than days; `leaf` when absent. */
    ttl: duration.optional(),
  }),
  leaves: z.record(leafName, leaf),
  clientKeys: z.record(leafName, clientKey),
  secrets: z.array(leafName),
});

/** What to issue, as `infra/pki/pki.yaml` says it. */
export type PkiList = z.infer<typeof list>;
export type AuthorityName = keyof PkiList['authorities'];
export type ListedLeaf = PkiList['leaves'][string];
export type ListedClientKey = PkiList['clientKeys'][string];

const UNIT = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const milliseconds = (text: string): number => Number.parseInt(text, 10) * UNIT[text.slice(-1) as keyof typeof UNIT];

/** How long a certificate of this leaf lives from now on, in milliseconds. */
export function lifeOf({ ttl }: Pick<ListedLeaf, 'ttl'>, { lifetimes }: PkiList): number {
  return milliseconds(ttl ?? lifetimes.ttl ?? `${lifetimes.leaf}d`);
}

/** What a certificate of this leaf may be used for. */
export const purposeOf = (leaf: ListedLeaf, list: PkiList): Purpose =>
  leaf.purpose ?? list.authorities[leaf.authority].purpose;

/** Who keeps a leaf: `bank/api` is the bank's. */
export const holderOf = (name: string): string => name.split('/')[0] ?? '';

/** Reads the list; a mistake in it is told with its place. */
export function readPkiList(file = new URL('../../../infra/pki/pki.yaml', import.meta.url)): PkiList {
  return list.parse(parse(readFileSync(file, 'utf8')));
}
