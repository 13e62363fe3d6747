import type { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { loadTrust, MtlsConfigError, permittedDnsNames } from '@holdfast/mtls';
import { PUBLIC, writeWhole } from '@holdfast/pki';
import { PlatformTrouble } from '../platform/trouble.ts';

/** The root of the demonstration's web servers, and nothing of the other two domains. */
export interface WebRoot {
  readonly certificate: X509Certificate;
  /** Where it lies by itself, for commands that want a file. */
  readonly file: string;
  /** What stores call it: tells the roots of several homes apart. */
  readonly nickname: string;
  /** SHA-256 over the DER, upper-case hex. */
  readonly fingerprint: string;
}

/** What every root of ours is called in a store, before what tells it apart. */
export const NICKNAME = 'Holdfast web root';
/** The same in the name of a file. */
export const FILE_PREFIX = 'holdfast-web-root-';

/**
 * The root a browser may be told to trust, written beside the bundle it stands in.
 *
 * Refused when it could vouch for more than localhost: whoever got hold of its key could then be any site to that browser.
 * RFC5280-4.2.1.10.
 *
 * @param now a root that has ended is worth nothing to a store
 * @throws PlatformTrouble
 */
export function readWebRoot(home: string, now: Date): WebRoot {
  const root = rootIn(join(home, 'pki/trust/web.pem'), now);
  if (!isDeepStrictEqual(permittedDnsNames(root), ['localhost']))
    throw new PlatformTrouble(
      'the web root of this home could vouch for any site, not only for localhost; no browser should trust it',
      'Make a new one, which is limited: npm run reset, then npm start',
    );
  const file = join(home, 'pki/trust/web-root.crt');
  const pem = root.toString();
  if (!existsSync(file) || readFileSync(file, 'utf8') !== pem) writeWhole(file, pem, PUBLIC);
  const fingerprint = createHash('sha256').update(root.raw).digest('hex').toUpperCase();
  return { certificate: root, file, fingerprint, nickname: `${NICKNAME} ${fingerprint.slice(0, 8)}` };
}

function rootIn(bundle: string, now: Date): X509Certificate {
  try {
    const root = loadTrust(bundle, now).certificates.find((each) => each.checkIssued(each));
    if (root !== undefined) return root;
    throw new MtlsConfigError(`${bundle} holds no root`, 'run npm start, which makes it');
  } catch (cause) {
    if (!(cause instanceof MtlsConfigError)) throw cause;
    throw new PlatformTrouble(cause.message, cause.remedy, { cause });
  }
}
