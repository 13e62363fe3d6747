import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { createIntermediate, createRoot, keyPemOf } from '@holdfast/mtls/authority';
import type { Authority } from '@holdfast/mtls/authority';
import { PRIVATE, PUBLIC, writeWhole } from './files.ts';
import type { AuthorityName, PkiList } from './pki-list.ts';

const DAY = 86_400_000;
/** Authorities begin a little in the past, so that a peer whose clock is behind by seconds trusts them. Milliseconds. */
const BACKDATED = 5 * 60_000;

export type Authorities = Readonly<Record<AuthorityName, Authority>>;

/**
 * The authorities of a home; made when there are none.
 *
 * What is there is never replaced silently: every certificate of the home hangs on it.
 *
 * @param made told of each authority that was made
 * @throws MtlsConfigError for a half-made PKI, a clock before its beginning, or an authority that has ended
 */
export function ensureAuthorities(pki: string, list: PkiList, now: Date, made: (what: string) => void): Authorities {
  const entries = (Object.keys(list.authorities) as AuthorityName[]).map((name) => {
    const { root: rootName, intermediate, purpose, permittedDns: permittedDnsNames } = list.authorities[name];
    const folder = join(pki, 'authority', name);
    const lifetime = (days: number) => ({
      notBefore: new Date(now.getTime() - BACKDATED),
      notAfter: new Date(now.getTime() + days * DAY),
      random: randomBytes,
    });
    // Trust is written last: before that nothing hangs on an authority, and what an interrupted first run left is completed.
    const inUse = existsSync(join(pki, 'trust', `${name}.pem`));
    const root = ensureOne(join(folder, 'root'), { now, inUse }, () => {
      made(`root ${name}`);
      return createRoot({ ...lifetime(list.lifetimes.root), subject: `CN=${rootName},O=Holdfast`, permittedDnsNames });
    });
    const authority = ensureOne(join(folder, 'intermediate'), { now, inUse, root: root.certificate }, () => {
      made(`intermediate ${intermediate}`);
      const subject = `CN=${intermediate},O=Holdfast`;
      return createIntermediate({
        ...lifetime(list.lifetimes.intermediate),
        issuer: root,
        subject,
        purpose,
        permittedDnsNames,
      });
    });
    return [name, authority] as const;
  });
  return Object.fromEntries(entries) as Authorities;
}

/** The bundles that say whom to trust: root and intermediate of each authority, public. */
export function writeTrust(pki: string, list: PkiList): void {
  for (const name of Object.keys(list.authorities)) {
    const folder = join(pki, 'authority', name);
    const bundle = ['root.crt', 'intermediate.crt'].map((file) => readFileSync(join(folder, file), 'utf8')).join('');
    const target = join(pki, 'trust', `${name}.pem`);
    if (!existsSync(target) || readFileSync(target, 'utf8') !== bundle) writeWhole(target, bundle, PUBLIC);
  }
}

interface Expected {
  readonly now: Date;
  /** Whether anything hangs on this authority already. */
  readonly inUse: boolean;
  /** Who must have signed it; absent for a root. */
  readonly root?: X509Certificate;
}

function ensureOne(path: string, expected: Expected, make: () => Authority): Authority {
  const missing = ['crt', 'key'].filter((end) => !existsSync(`${path}.${end}`));
  if (missing.length === 0) return load(path, expected);
  if (missing.length === 1 && expected.inUse) throw halfMade(`${path}.${missing.join()} is missing`);
  const made = make();
  // Key first: a certificate never lies there without its key.
  writeWhole(`${path}.key`, keyPemOf(made.key), PRIVATE);
  writeWhole(`${path}.crt`, made.certificate.toString(), PUBLIC);
  return made;
}

function load(path: string, { now, root }: Expected): Authority {
  const { certificate, key } = readPair(path);
  if (!certificate.checkPrivateKey(key)) throw halfMade(`${path}.key does not belong to ${path}.crt`);
  if (root !== undefined && !certificate.verify(root.publicKey)) {
    throw halfMade(`${path}.crt was not signed by its root`);
  }
  checkInForce(certificate, path, now);
  return { certificate, key, chain: root === undefined ? [] : [certificate] };
}

function checkInForce({ validFromDate, validToDate }: X509Certificate, path: string, now: Date): void {
  if (now < validFromDate) {
    throw new MtlsConfigError(
      `the clock says ${now.toISOString()}, but ${path}.crt is valid only from ${validFromDate.toISOString()}`,
      'set the clock of this machine right, or, if it is right now, make everything anew with `npm run reset`',
    );
  }
  if (now > validToDate) {
    throw new MtlsConfigError(
      `${path}.crt has ended on ${validToDate.toISOString()} (the clock says ${now.toISOString()})`,
      'set the clock of this machine right, or make everything anew with `npm run reset`',
    );
  }
}

function readPair(path: string) {
  try {
    return {
      certificate: new X509Certificate(readFileSync(`${path}.crt`)),
      key: createPrivateKey(readFileSync(`${path}.key`)),
    };
  } catch (cause) {
    throw halfMade(`${path}.crt or ${path}.key cannot be read`, cause);
  }
}

const halfMade = (problem: string, cause?: unknown) =>
  new MtlsConfigError(
    `the PKI is half made: ${problem}`,
    'make everything anew with `npm run reset`, then `npm start`',
    cause === undefined ? undefined : { cause },
  );
