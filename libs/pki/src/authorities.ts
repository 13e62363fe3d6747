import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { loadTrust, MtlsConfigError } from '@holdfast/mtls';
import { createIntermediate, createRoot, keyPemOf } from '@holdfast/mtls/authority';
import type { Authority } from '@holdfast/mtls/authority';
import { PRIVATE, PUBLIC, writeWhole } from './files.ts';
import { intermediatePath, rootPath, trustFile } from './home-layout.ts';
import type { AuthorityName, PkiList } from './pki-list.ts';

const DAY = 86_400_000;
/** Authorities begin a little in the past, so that a peer whose clock is behind by seconds trusts them. Milliseconds. */
const BACKDATED = 5 * 60_000;

export type Authorities = Readonly<Record<AuthorityName, Authority>>;

export const authorityNames = ['web', 'participants', 'services'] as const satisfies readonly AuthorityName[];

/**
 * The intermediates of a home, which issue; made together with their roots when there are none.
 *
 * What is there is never replaced silently: every certificate of the home hangs on it. Once it is in use the roots are not
 * looked at: they may be kept where this machine cannot reach them.
 *
 * @param made told of each authority that was made
 * @throws MtlsConfigError for a half-made PKI, a clock before its beginning, or an authority that has ended
 */
export function ensureAuthorities(home: string, list: PkiList, now: Date, made: (what: string) => void): Authorities {
  const entries = authorityNames.map((name) => {
    moveRootOffline(home, name);
    // Trust is written last: before that nothing hangs on an authority, and what an interrupted first run left is completed.
    const inUse = existsSync(trustFile(home, name));
    return [name, inUse ? loadIssuer(home, name, now) : makeIssuer(home, name, list, now, made)] as const;
  });
  return Object.fromEntries(entries) as Authorities;
}

/**
 * The intermediate that issues now, checked against the roots that are trusted for its purpose.
 * @throws MtlsConfigError when half of it is missing, or it is not what it should be
 */
export function loadIssuer(home: string, name: AuthorityName, now: Date): Authority {
  const path = intermediatePath(home, name);
  completeSwap(home, name);
  const missing = ['crt', 'key'].filter((end) => !existsSync(`${path}.${end}`));
  if (missing.length > 0) throw halfMade(`${path}.${missing.join(' and .')} is missing`);
  const authority = readAuthority(path, now);
  const roots = loadTrust(trustFile(home, name), now).certificates.filter((one) => one.checkIssued(one));
  if (!roots.some((root) => authority.certificate.verify(root.publicKey)))
    throw halfMade(`${path}.crt was not signed by its root`);
  return authority;
}

/** A rotation puts the next pair in the place of this one, the key first. Stopped in between, the certificate is still to come. */
function completeSwap(home: string, name: AuthorityName): void {
  const [current, next] = [intermediatePath(home, name), intermediatePath(home, name, 'next')];
  const read = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  const certificate = read(`${next}.crt`);
  if (certificate === undefined || read(`${next}.key`) !== read(`${current}.key`)) return;
  writeWhole(`${current}.crt`, certificate, PUBLIC);
}

function makeIssuer(
  home: string,
  name: AuthorityName,
  list: PkiList,
  now: Date,
  made: (what: string) => void,
): Authority {
  const { root: rootName, intermediate, purpose } = list.authorities[name];
  const root = ensurePair(rootPath(home, name), now, () => {
    made(`root ${name}`);
    return makeRoot(rootName, list, now);
  });
  const authority = ensurePair(intermediatePath(home, name), now, () => {
    made(`intermediate ${intermediate}`);
    return makeIntermediate({ name: intermediate, purpose, root, list, now });
  });
  if (!authority.certificate.verify(root.certificate.publicKey))
    throw halfMade(`${intermediatePath(home, name)}.crt was not signed by its root`);
  return authority;
}

export const makeRoot = (name: string, list: PkiList, now: Date): Authority =>
  createRoot({ ...lifetime(now, list.lifetimes.root), subject: `CN=${name},O=Holdfast` });

/** An intermediate under a root, for one purpose. Two that follow each other bear the same name and differ in the key. */
export function makeIntermediate(of: {
  name: string;
  purpose: PkiList['authorities'][AuthorityName]['purpose'];
  root: Authority;
  list: PkiList;
  now: Date;
}): Authority {
  const subject = `CN=${of.name},O=Holdfast`;
  return createIntermediate({
    ...lifetime(of.now, of.list.lifetimes.intermediate),
    issuer: of.root,
    subject,
    purpose: of.purpose,
  });
}

const lifetime = (now: Date, days: number) => ({
  notBefore: new Date(now.getTime() - BACKDATED),
  notAfter: new Date(now.getTime() + days * DAY),
  random: randomBytes,
});

/** The bundles that say whom to trust at first: root and intermediate, public. From then on the running authority writes them. */
export function writeFirstTrust(home: string, authorities: Authorities): void {
  for (const name of authorityNames) {
    if (existsSync(trustFile(home, name))) continue;
    const root = readFileSync(`${rootPath(home, name)}.crt`, 'utf8');
    writeWhole(trustFile(home, name), `${root}${authorities[name].certificate.toString()}`, PUBLIC);
  }
}

/** Writes an authority, the key first: a certificate never lies there without its key. */
export function writeAuthority(path: string, { key, certificate }: Authority): void {
  writeWhole(`${path}.key`, keyPemOf(key), PRIVATE);
  writeWhole(`${path}.crt`, certificate.toString(), PUBLIC);
}

function ensurePair(path: string, now: Date, make: () => Authority): Authority {
  if (existsSync(`${path}.crt`) && existsSync(`${path}.key`)) return readAuthority(path, now);
  const made = make();
  writeAuthority(path, made);
  return made;
}

/** A home of an earlier version kept its roots beside the intermediates. Copied before it is removed, on whatever disks. */
function moveRootOffline(home: string, name: AuthorityName): void {
  for (const [end, mode] of [
    ['key', PRIVATE],
    ['crt', PUBLIC],
  ] as const) {
    const [before, after] = [`${home}/pki/authority/${name}/root.${end}`, `${rootPath(home, name)}.${end}`];
    if (!existsSync(before)) continue;
    if (!existsSync(after)) writeWhole(after, readFileSync(before), mode);
    rmSync(before);
  }
}

/**
 * An authority as it lies there, the key fitting its certificate and the certificate in force.
 * @throws MtlsConfigError
 */
export function readAuthority(path: string, now: Date): Authority {
  const { certificate, key } = readPair(path);
  if (!certificate.checkPrivateKey(key)) throw halfMade(`${path}.key does not belong to ${path}.crt`);
  checkInForce(certificate, path, now);
  const isRoot = certificate.checkIssued(certificate);
  return { certificate, key, chain: isRoot ? [] : [certificate] };
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
