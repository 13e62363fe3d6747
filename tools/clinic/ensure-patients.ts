import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTrust, MtlsConfigError } from '@holdfast/mtls';
import { PATIENTS } from '@holdfast/mtls/clinic';
import type { Authority } from '@holdfast/mtls/authority';
import type { Patient, PatientFiles, Ward } from '@holdfast/mtls/clinic';
import {
  ensureAuthorities,
  exclusively,
  nextRootPath,
  noteIssued,
  PRIVATE,
  PUBLIC,
  readAuthority,
  readPkiList,
  rootPath,
  trustFile,
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
 * Those whom only the root can make wait for it where it is kept elsewhere: nothing else must wait for them.
 * @throws MtlsConfigError when the PKI is not there, or half of one
 */
export function ensurePatients({ home, now, report = () => {}, owner }: EnsurePatientsOptions): void {
  exclusively(join(home, 'pki'), () => {
    const ward = openWard(home, now);
    const { root, intermediate } = ward.participants;
    let issued = 0;
    const admitAll = (patients: readonly Patient[], files: (patient: Patient) => PatientFiles | undefined): void => {
      for (const patient of patients) admit(home, patient, files(patient), ward, owner);
      issued += patients.length;
    };
    const issuers = [intermediate, ward.services];
    if (!issuers.every(({ certificate }) => areFresh(home, BY_INTERMEDIATE, certificate, now)))
      admitAll(BY_INTERMEDIATE, ({ issue }) => issue?.(ward));
    if (!areFresh(home, BY_ROOT, root, now)) {
      const key = rootAbove(home, intermediate, now);
      if (key !== undefined) admitAll(BY_ROOT, ({ issueByRoot }) => issueByRoot?.(ward, key));
      else
        report(`the patients ${IDS_BY_ROOT} of the clinic wait for the root of participants, which is kept elsewhere`);
    }
    if (issued > 0) report(`issued ${issued} patients of the clinic`);
  });
}

const BY_INTERMEDIATE = PATIENTS.filter(({ issue }) => issue !== undefined);
const BY_ROOT = PATIENTS.filter(({ issueByRoot }) => issueByRoot !== undefined);
const IDS_BY_ROOT = BY_ROOT.map(({ id }) => id).join(' and ');

function openWard(home: string, now: Date): Ward {
  const list = readPkiList();
  const { participants: intermediate, services } = ensureAuthorities(home, list, now, () => {});
  const { subject, dns } = list.leaves[NAMESAKE] ?? {};
  if (subject === undefined || dns === undefined)
    throw new MtlsConfigError(`infra/pki/pki.yaml lists no ${NAMESAKE} with a DNS name`, 'put it back');
  const trusted = loadTrust(trustFile(home, 'participants'), now).certificates;
  const root = trusted.find(isAbove(intermediate));
  if (root === undefined) throw new MtlsConfigError('no root is trusted for participants', 'start the platform once');
  return {
    participants: { root, intermediate },
    services,
    now,
    random: randomBytes,
    names: { subject, dnsNames: dns },
  };
}

const isAbove =
  ({ certificate }: Authority) =>
  (root: X509Certificate): boolean =>
    certificate.verify(root.publicKey);

/** The root with its key, when it is here: the next one already, while a rotation is under way. */
function rootAbove(home: string, intermediate: Authority, now: Date): Authority | undefined {
  return [nextRootPath(home, 'participants'), rootPath(home, 'participants')]
    .filter((path) => existsSync(`${path}.key`))
    .map((path) => readAuthority(path, now))
    .find(({ certificate }) => isAbove(intermediate)(certificate));
}

/** They are issued together, so the first whom the issuer has signed itself speaks for all of them. */
function areFresh(home: string, patients: readonly Patient[], issuer: X509Certificate, now: Date): boolean {
  try {
    for (const pem of patients.map((patient) => readFileSync(`${patientFile(home, patient)}.crt`))) {
      const certificate = new X509Certificate(pem);
      if (certificate.verify(issuer.publicKey)) return certificate.validToDate.getTime() - now.getTime() > LEAST_LEFT;
    }
  } catch {
    // One is missing, or cannot be read.
  }
  return false;
}

/**
 * The certificate last: an interrupted run leaves a patient without one, and all are issued again. The certificate authority
 * hears of the one that is to be revoked and puts it on its list.
 */
function admit(
  home: string,
  patient: Patient,
  files: PatientFiles | undefined,
  ward: Ward,
  owner: Owner | undefined,
): void {
  if (files === undefined) return;
  const { certificatePem, keyPem } = files;
  const path = patientFile(home, patient);
  writeWhole(`${path}.key`, keyPem, PRIVATE, owner);
  if (patient.revoked) {
    const certificate = new X509Certificate(certificatePem);
    noteIssued(home, { ...REVOKED, name: `clinic/${patient.id}`, certificate, now: ward.now });
  }
  writeWhole(`${path}.crt`, certificatePem, PUBLIC, owner);
}

const REVOKED = { purpose: 'participants', revoked: 'keyCompromise' } as const;
