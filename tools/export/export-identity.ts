import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encryptedKeyPem, keyPemOf, toPkcs12 } from '@holdfast/mtls/authority';
import type { Leaf, PasswordLock } from '@holdfast/mtls/authority';
import { PRIVATE, writeWhole } from '@holdfast/pki';
import { readPkiList } from '@holdfast/pki';
import { PlatformTrouble } from '../platform/trouble.ts';

/** Each format with the ending of its file, and whether it has a password. */
export const FORMATS = {
  p12: { ending: 'p12', locked: true },
  'p12-legacy': { ending: 'legacy.p12', locked: true },
  pem: { ending: 'pem', locked: false },
  'pem-encrypted': { ending: 'encrypted.pem', locked: true },
} as const;
export type Format = keyof typeof FORMATS;

export interface ExportRequest {
  readonly home: string;
  /** `<holder>/<name>` of a participant's certificate. */
  readonly name: string;
  readonly format: Format;
  /** The folder the files go to. */
  readonly folder: string;
  /** What a person chose; a random one is made and written beside the file when absent. */
  readonly password?: string;
  readonly random: (bytes: number) => Buffer;
}

export interface Exported {
  readonly file: string;
  /** Where a random password was written; absent when there is none, or a person chose it. */
  readonly passwordFile?: string;
}

/** Our choice, no clause: rounds for a password that a person made up; what OWASP asks of PBKDF2 with SHA-256. */
const ROUNDS_FOR_PEOPLE = 600_000;
/** Our choice, no clause: characters. */
export const SHORTEST_PASSWORD = 12;

/**
 * Writes the certificate and key of a participant as one file, for their holder alone to read.
 * @throws PlatformTrouble when the name is none of a participant, or its files are not there or do not fit
 */
export function exportIdentity({ home, name, format, folder, password, random }: ExportRequest): Exported {
  const leaf = readLeaf(home, name);
  const { ending, locked } = FORMATS[format];
  const file = join(folder, `${name.replace('/', '-')}.${ending}`);
  if (!locked) {
    writeWhole(file, keyPemOf(leaf.key) + leaf.certificatePem, PRIVATE);
    return { file };
  }
  const lock: PasswordLock = {
    random,
    password: password ?? random(18).toString('base64url'),
    strength: format === 'p12-legacy' ? 'legacy' : 'modern',
    ...(password === undefined ? {} : { iterations: ROUNDS_FOR_PEOPLE }),
  };
  const passwordFile = `${file}.password`;
  // The password first: a locked file whose password is lost is worth nothing.
  if (password === undefined) writeWhole(passwordFile, `${lock.password}\n`, PRIVATE);
  writeWhole(file, contents(leaf, format, name, lock), PRIVATE);
  return password === undefined ? { file, passwordFile } : { file };
}

function contents(leaf: Leaf, format: Format, name: string, lock: PasswordLock): string | Buffer {
  if (format === 'pem-encrypted') return encryptedKeyPem(leaf.key, lock) + leaf.certificatePem;
  return toPkcs12(leaf, { ...lock, name: name.replace('/', ' ') });
}

/** Of participants only: the keys of servers and services are for the processes that hold them, and for no browser. */
function readLeaf(home: string, name: string): Leaf {
  const { leaves } = readPkiList();
  const participants = Object.keys(leaves).filter((each) => leaves[each]?.authority === 'participants');
  if (!participants.includes(name))
    throw new PlatformTrouble(
      `"${name}" is not the identity of a participant; the keys of servers and services are not exported`,
      `Name one of ${participants.join(', ')}`,
    );
  const path = join(home, 'pki', name);
  if (!existsSync(`${path}.crt`) || !existsSync(`${path}.key`))
    throw new PlatformTrouble(`there is no ${path}.crt with its key`, 'Run npm start once, which makes it.');
  const certificatePem = readFileSync(`${path}.crt`, 'utf8');
  const certificate = new X509Certificate(certificatePem);
  const key = createPrivateKey(readFileSync(`${path}.key`));
  if (!certificate.checkPrivateKey(key))
    throw new PlatformTrouble(`${path}.key is not the key of ${path}.crt`, 'Run npm start, which issues them anew.');
  return { certificate, key, certificatePem, keyPem: keyPemOf(key) };
}
