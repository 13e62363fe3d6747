import { join } from 'node:path';
import type { AuthorityName } from './pki-list.ts';

// Where everything of a home lies; the one place that knows.

/** The roots: opened for the first making and for a rotation, and by no process that runs. May be kept elsewhere in between. */
export const rootPath = (home: string, purpose: AuthorityName): string => join(home, 'offline', purpose, 'root');

/** The next root, while a rotation of the root is under way. */
export const nextRootPath = (home: string, purpose: AuthorityName): string =>
  join(home, 'offline', purpose, 'next', 'root');

/** The intermediate that issues now, the one that is to follow it, and the one before it, as pairs `<path>.crt` and `<path>.key`. */
export const intermediatePath = (
  home: string,
  purpose: AuthorityName,
  which: 'current' | 'next' | 'previous' = 'current',
): string => join(home, 'pki/authority', purpose, ...(which === 'current' ? [] : [which]), 'intermediate');

/** Whom to trust for a purpose, public. */
export const trustFile = (home: string, purpose: AuthorityName): string => join(home, 'pki/trust', `${purpose}.pem`);

/** Whom no longer, public: a list of each intermediate. */
export const revocationListFile = (home: string, purpose: AuthorityName): string =>
  join(home, 'pki/trust', `${purpose}.crl`);

/** What was issued by hand, one JSON object a line, for the register of the certificate authority. */
export const issuedFile = (home: string): string => join(home, 'pki/authority/issued.jsonl');
