import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { MtlsConfigError } from '@holdfast/mtls';
import { issueCrl } from '@holdfast/mtls/authority';
import { ensureAuthorities } from './authorities.ts';
import type { Authorities } from './authorities.ts';
import { exclusively, PRIVATE, PUBLIC, writeWhole } from './files.ts';
import { readPkiList } from './pki-list.ts';

const DAY = 86_400_000;
/** A list is good for a month and is made anew at every start; past its time nobody is let in. */
const LIFETIME_DAYS = 30;

/** The authorities whose certificates are presented to listeners, and can be taken back. */
const REVOKING = ['participants', 'services'] as const satisfies readonly (keyof Authorities)[];
type Revoking = (typeof REVOKING)[number];

/** What one authority has taken back so far. */
interface Register {
  readonly number: number;
  readonly revoked: readonly { readonly serialNumber: string; readonly at: string }[];
}

const registerFile = (pki: string, name: Revoking): string => join(pki, 'authority', name, 'revoked.json');
const listFile = (pki: string, name: Revoking): string => join(pki, 'trust', `${name}.crl`);

/** Signs the lists anew: as they were, with a new time. */
export function writeRevocationLists(pki: string, authorities: Authorities, now: Date): void {
  for (const name of REVOKING) sign(pki, name, authorities, readRegister(pki, name), now);
}

/**
 * Takes the certificate of a participant or of a service back. Every HTTPS listener that asks for certificates refuses it within two
 * seconds, on connections that are open too. RFC5280-5.
 *
 * @param name `<holder>/<name>` of a leaf, or the path of a certificate file
 * @returns the serial number, or undefined when it was taken back before
 * @throws MtlsConfigError when there is no such certificate, or another authority issued it
 */
export function revokeCertificate(home: string, name: string, now: Date): string | undefined {
  const pki = join(home, 'pki');
  const certificate = readCertificate([join(pki, `${name}.crt`), name], name);
  let revoked: string | undefined;
  exclusively(pki, () => {
    const authorities = ensureAuthorities(pki, readPkiList(), now, () => {});
    const issuer = REVOKING.find((each) => certificate.verify(authorities[each].certificate.publicKey));
    if (issuer === undefined)
      throw new MtlsConfigError(
        `${name} was not issued by the authority of the participants or of the services`,
        'name the certificate of a client or of a service',
      );
    const { number, revoked: before } = readRegister(pki, issuer);
    const { serialNumber } = certificate;
    if (before.some((entry) => entry.serialNumber === serialNumber)) return;
    sign(pki, issuer, authorities, { number, revoked: [...before, { serialNumber, at: now.toISOString() }] }, now);
    revoked = serialNumber;
  });
  return revoked;
}

function sign(pki: string, name: Revoking, authorities: Authorities, register: Register, now: Date): void {
  const next = { ...register, number: register.number + 1 };
  const list = issueCrl({
    issuer: authorities[name],
    revoked: next.revoked.map(({ serialNumber, at }) => ({ serialNumber, at: new Date(at) })),
    number: next.number,
    thisUpdate: new Date(now.getTime() - 60_000),
    nextUpdate: new Date(now.getTime() + LIFETIME_DAYS * DAY),
  });
  // The register first: what it says and the list does not is made good at the next start; the other way it would be forgotten.
  writeWhole(registerFile(pki, name), `${JSON.stringify(next, undefined, 2)}\n`, PRIVATE);
  writeWhole(listFile(pki, name), list, PUBLIC);
}

function readRegister(pki: string, name: Revoking): Register {
  const file = registerFile(pki, name);
  if (!existsSync(file)) return { number: 0, revoked: [] };
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Register;
  } catch (cause) {
    throw new MtlsConfigError(
      `${file} cannot be read, and with it is lost who was revoked`,
      'restore it, or make the PKI anew: npm run reset',
      { cause },
    );
  }
}

function readCertificate(files: readonly string[], name: string): X509Certificate {
  const file = files.find((each) => existsSync(each));
  if (file === undefined)
    throw new MtlsConfigError(`there is no certificate ${name}`, 'npm run pki -- status lists what there is');
  return new X509Certificate(readFileSync(file));
}
