import { parseDn, TRUST_PURPOSES } from '@holdfast/mtls';
import { z } from 'zod';

const subject = z.string().refine(isName, 'is a name as RFC 4514 writes it, such as CN=bank,O=Holdfast services');

/**
 * A certificate that a process has issued to itself: what it asks for, and what it insists on in the answer. The authority
 * has a list of its own and issues nothing that is not on it. Certificate and key lie in `pki/<name>.crt` and `pki/<name>.key`.
 */
const leafConfig = z.strictObject({
  /** `<holder>/<name>`, as in the list of the authority. */
  name: z.string().regex(/^[a-z-]+\/[a-z0-9-]+$/, 'is <holder>/<name>'),
  purpose: z.enum(TRUST_PURPOSES),
  subject,
  dns: z.array(z.hostname()).default([]),
  uri: z.array(z.url()).default([]),
  key: z.enum(['P-256', 'RSA-2048']).default('P-256'),
});
export type LeafConfig = z.infer<typeof leafConfig>;

/**
 * The certificates of a process, each enrolled and renewed by itself. With the first it proves who it is when it asks for
 * the others, so that one must be good for a client.
 */
export const leavesConfig = z
  .array(leafConfig)
  .min(1)
  .refine((leaves) => leaves[0]?.purpose !== 'web', 'the first proves who we are, which a server certificate cannot')
  .refine((leaves) => new Set(leaves.map(({ name }) => name)).size === leaves.length, 'each name stands there once')
  .refine((leaves) => new Set(leaves.map(holderOf)).size === 1, 'all have one holder');

/** Who keeps the key: the first part of the name. */
export const holderOf = ({ name }: Pick<LeafConfig, 'name'>): string => name.slice(0, name.indexOf('/'));

function isName(text: string): boolean {
  try {
    parseDn(text);
    return true;
  } catch {
    return false;
  }
}
