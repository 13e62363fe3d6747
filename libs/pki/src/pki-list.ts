import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const purpose = z.enum(['server', 'client', 'both', 'none']);
const leafName = z.string().regex(/^[a-z-]+\/[a-z0-9-]+$/, 'is <holder>/<name>');

const authority = z.strictObject({
  root: z.string().min(1),
  intermediate: z.string().min(1),
  purpose: purpose.exclude(['none']),
  /** DNS names its leaves may carry, with their subdomains; any when absent. */
  permittedDns: z.array(z.string().min(1)).min(1).optional(),
});

const leaf = z.strictObject({
  authority: z.enum(['web', 'participants', 'services']),
  subject: z.string().min(1),
  dns: z.array(z.string()).optional(),
  uri: z.array(z.string()).optional(),
  /** That of its authority when absent. */
  purpose: purpose.optional(),
  key: z.enum(['P-256', 'RSA-2048']).default('P-256'),
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
  lifetimes: z.strictObject({ root: days, intermediate: days, leaf: days, clientKey: days }),
  leaves: z.record(leafName, leaf),
  clientKeys: z.record(leafName, clientKey),
  secrets: z.array(leafName),
});

/** What to issue, as `infra/pki/pki.yaml` says it. */
export type PkiList = z.infer<typeof list>;
export type AuthorityName = keyof PkiList['authorities'];
export type ListedLeaf = PkiList['leaves'][string];
export type ListedClientKey = PkiList['clientKeys'][string];

/** Reads the list; a mistake in it is told with its place. */
export function readPkiList(file = new URL('../../../infra/pki/pki.yaml', import.meta.url)): PkiList {
  return list.parse(parse(readFileSync(file, 'utf8')));
}
