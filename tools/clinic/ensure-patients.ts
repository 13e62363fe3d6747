import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { PATIENTS } from '@holdfast/mtls/clinic';
import type { Patient, Ward } from '@holdfast/mtls/clinic';
import {
  ensureAuthorities,
  exclusively,
  noteIssued,
  PRIVATE,
  PUBLIC,
  readAuthority,
  readPkiList,
  rootPath,
  writeWhole,
} from '@holdfast/pki';
import type { Owner } from '@holdfast/pki';

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
  exclusively(join(home, 'pki'), () => {
    const ward = openWard(home, now);
    if (isFresh(home, ward)) return;
    for (const patient of PATIENTS) admit(home, patient, ward, owner);
    report(`issued the ${PATIENTS.length} patients of the clinic`);
  });
}

function openWard(home: string, now: Date): Ward {
  const list = readPkiList();
  const { participants, services } = ensureAuthorities(home, list, now, () => {});
  const { subject, dns } = list.leaves[NAMESAKE] ?? {};
  if (subject === undefined || dns === undefined)
    throw new MtlsConfigError(`infra/pki/pki.yaml lists no ${NAMESAKE} with a DNS name`, 'put it back');
  return {
    participants: { root: readAuthority(rootPath(home, 'participants'), now), intermediate: participants },
    services,
    now,
    random: randomBytes,
    names: { subject, dnsNames: dns },
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

/**
 * The certificate last: an interrupted run leaves a patient without one, and all are issued again. The certificate authority
 * hears of the one that is to be revoked and puts it on its list.
 */
function admit(home: string, patient: Patient, ward: Ward, owner: Owner | undefined): void {
  if (patient.issue === undefined) return;
  const { certificatePem, keyPem } = patient.issue(ward);
  const path = patientFile(home, patient);
  writeWhole(`${path}.key`, keyPem, PRIVATE, owner);
  if (patient.revoked) {
    const certificate = new X509Certificate(certificatePem);
    noteIssued(home, { ...REVOKED, name: `clinic/${patient.id}`, certificate, now: ward.now });
  }
  writeWhole(`${path}.crt`, certificatePem, PUBLIC, owner);
}

const REVOKED = { purpose: 'participants', revoked: 'keyCompromise' } as const;
