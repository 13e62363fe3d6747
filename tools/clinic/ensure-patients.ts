import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import type { Authority } from '@holdfast/mtls/authority';
import { PATIENTS } from '@holdfast/mtls/clinic';
import type { Patient, Ward } from '@holdfast/mtls/clinic';
import { ensureAuthorities } from '../pki/authorities.ts';
import { exclusively, PRIVATE, PUBLIC, writeWhole } from '../pki/files.ts';
import type { Owner } from '../pki/files.ts';
import { readPkiList } from '../pki/pki-list.ts';
import { revokeParticipant } from '../pki/revocation-list.ts';

export interface EnsurePatientsOptions {
  /** The home directory; its PKI is there already. */
  readonly home: string;
  readonly now: Date;
  /** Told when they were issued, in words. */
  readonly report?: (what: string) => void;
  /** Who owns what is written. */
  readonly owner?: Owner;
}

const DAY = 86_400_000;
/** Renewed with less than this left, as other leaves are: a third of seven days. Milliseconds. */
const LEAST_LEFT = (7 * DAY) / 3;
/** The client whose names they carry. */
const NAMESAKE = 'lab/first-client';

/** Where a patient's files lie, without ending; the lab keeps them. */
export const patientFile = (home: string, { id }: Pick<Patient, 'id'>): string => join(home, 'pki/lab/clinic', id);

/**
 * Issues the bad certificates of the clinic, and the good ones beside them: only the authority can make most of them. All anew
 * when one is missing, when they end soon, or when the authority is another. Doing it twice changes nothing the second time.
 * @throws MtlsConfigError when the PKI is not there, or half of one
 */
export function ensurePatients({ home, now, report = () => {}, owner }: EnsurePatientsOptions): void {
  const pki = join(home, 'pki');
  exclusively(pki, () => {
    const ward = openWard(pki, now);
    if (isFresh(home, ward)) return;
    for (const patient of PATIENTS) admit(patientFile(home, patient), patient, ward, owner);
    report(`issued the ${PATIENTS.length} patients of the clinic`);
  });
  // What was revoked before stays so; a new one is revoked now.
  for (const patient of PATIENTS.filter(({ revoked }) => revoked))
    revokeParticipant(home, `${patientFile(home, patient)}.crt`, now);
}

function openWard(pki: string, now: Date): Ward {
  const list = readPkiList();
  const { participants, services } = ensureAuthorities(pki, list, now, () => {});
  const { subject, dns } = list.leaves[NAMESAKE] ?? {};
  if (subject === undefined || dns === undefined)
    throw new MtlsConfigError(`infra/pki/pki.yaml lists no ${NAMESAKE} with a DNS name`, 'put it back');
  return {
    participants: { root: rootOf(pki), intermediate: participants },
    services,
    now,
    random: randomBytes,
    names: { subject, dnsNames: dns },
  };
}

function rootOf(pki: string): Authority {
  const path = join(pki, 'authority/participants/root');
  return {
    certificate: new X509Certificate(readFileSync(`${path}.crt`)),
    key: createPrivateKey(readFileSync(`${path}.key`)),
    chain: [],
  };
}

/** They are issued together, so one that is well speaks for all of them. */
function isFresh(home: string, { participants, now }: Ward): boolean {
  const [speaker, ...others] = PATIENTS.filter(({ issue }) => issue !== undefined);
  if (speaker === undefined || others.some((patient) => !existsSync(`${patientFile(home, patient)}.crt`))) return false;
  try {
    const certificate = new X509Certificate(readFileSync(`${patientFile(home, speaker)}.crt`));
    const left = certificate.validToDate.getTime() - now.getTime();
    return certificate.verify(participants.intermediate.certificate.publicKey) && left > LEAST_LEFT;
  } catch {
    return false;
  }
}

/** The certificate last: an interrupted run leaves a patient without one, and all are issued again. */
function admit(path: string, { issue }: Patient, ward: Ward, owner: Owner | undefined): void {
  if (issue === undefined) return;
  const { certificatePem, keyPem } = issue(ward);
  writeWhole(`${path}.key`, keyPem, PRIVATE, owner);
  writeWhole(`${path}.crt`, certificatePem, PUBLIC, owner);
}
