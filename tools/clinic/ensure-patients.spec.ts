import { X509Certificate } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadLiveTrust, MtlsConfigError, parsePeerCertificate } from '@holdfast/mtls';
import { diagnose, hasFiles, PATIENTS } from '@holdfast/mtls/clinic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ensurePki,
  intermediatePath,
  makeSuccessor,
  nextRootPath,
  readIssued,
  retireRoot,
  rootPath,
  trustFile,
} from '@holdfast/pki';
import { ensurePatients, patientFile } from './ensure-patients.ts';

const DAY = 86_400_000;
const NOW = new Date();
const home = mkdtempSync(join(tmpdir(), 'holdfast-patients-'));
beforeAll(() => ensurePki({ home, now: NOW }));
afterAll(() => rmSync(home, { recursive: true }));

function ensure(now = NOW): string[] {
  const done: string[] = [];
  ensurePatients({ home, now, report: (what) => done.push(what) });
  return done;
}
const read = (id: string, ending: 'crt' | 'key'): string =>
  readFileSync(`${patientFile(home, { id })}.${ending}`, 'utf8');

describe('the patients of a home', () => {
  it('are issued once, and again when one is missing or they end soon', () => {
    expect(ensure()).toHaveLength(1);
    expect(ensure()).toEqual([]);
    rmSync(`${patientFile(home, { id: 'huge' })}.crt`);
    expect(ensure()).toHaveLength(1);
    expect(ensure(new Date(NOW.getTime() + 3 * DAY))).toEqual([]);
    expect(ensure(new Date(NOW.getTime() + 5 * DAY))).toHaveLength(1);
    rmSync(`${patientFile(home, { id: 'huge' })}.crt`);
    expect(ensure()).toHaveLength(1);
  });

  it('are renewed without the root, which is kept elsewhere, but for those it makes itself', () => {
    const [offline, away] = [join(home, 'offline'), join(home, 'away')];
    renameSync(offline, away);
    rmSync(`${patientFile(home, { id: 'huge' })}.crt`);
    expect(ensure()).toEqual(['issued 24 patients of the clinic']);
    rmSync(`${patientFile(home, { id: 'authority' })}.crt`);
    const waiting = 'the patients intermediate-missing and authority of the clinic wait for the root of participants';
    expect(ensure()).toEqual([`${waiting}, which is kept elsewhere`]);
    renameSync(away, offline);
    expect(ensure()).toEqual(['issued 2 patients of the clinic']);
  });

  it('keep their keys for their holder alone', () => {
    for (const patient of PATIENTS) {
      const file = patientFile(home, patient);
      expect(existsSync(`${file}.crt`)).toBe(hasFiles(patient));
      if (hasFiles(patient)) expect(statSync(`${file}.key`).mode & 0o777).toBe(0o600);
    }
  });

  it('have what they should have, by the trust and the revocation list of this home', () => {
    const live = loadLiveTrust(join(home, 'pki/trust'), { follow: 'folder', now: () => NOW });
    const { trust, revocations } = live.of('participants');
    const elsewhere = [live.of('services'), live.of('web')].map((door) => door.trust.current());
    const trusted = { trust: trust.current(), elsewhere };
    for (const { id, revoked, code, onPaper = code } of PATIENTS.filter(hasFiles)) {
      if (revoked) continue;
      const files = { certificate: read(id, 'crt'), key: read(id, 'key') };
      const codes = diagnose({ ...files, trusted, revocations, now: NOW }).map((found) => found.code);
      expect([id, codes]).toEqual([id, onPaper === undefined ? [] : expect.arrayContaining([onPaper])]);
    }
    live.close();
  });

  it('are on the list from the beginning where they are to be revoked: the certificate authority is told', () => {
    const told = readIssued(home, 0).issued.filter(({ revoked }) => revoked !== undefined);
    const ids = PATIENTS.filter(({ revoked }) => revoked).map(({ id }) => `clinic/${id}`);
    expect(told.map(({ name }) => name)).toEqual(expect.arrayContaining(ids));
  });

  it('carry the names of the first client of the lab', () => {
    const { subject } = parsePeerCertificate(new X509Certificate(read('well-p-256', 'crt')).raw);
    expect(subject).toEqual(
      parsePeerCertificate(new X509Certificate(readFileSync(join(home, 'pki/lab/first-client.crt'))).raw).subject,
    );
  });

  it('hang on the new root as soon as it issues, and stay what they were when it alone has changed its place', () => {
    const signer = () => new X509Certificate(read('authority', 'crt'));
    const root = (path: string) => new X509Certificate(readFileSync(`${path}.crt`)).publicKey;
    makeSuccessor({ home, purpose: 'participants', kind: 'root', now: NOW });
    expect(ensure()).toEqual([]);
    // What the running authority does in phase 2.
    const [current, next] = [intermediatePath(home, 'participants'), intermediatePath(home, 'participants', 'next')];
    for (const end of ['crt', 'key']) copyFileSync(`${next}.${end}`, `${current}.${end}`);
    const nextRoot = nextRootPath(home, 'participants');
    appendFileSync(trustFile(home, 'participants'), readFileSync(`${nextRoot}.crt`));
    expect(ensure()).toHaveLength(1);
    expect(signer().verify(root(nextRoot))).toBe(true);
    retireRoot(home, 'participants', NOW);
    expect(ensure()).toEqual([]);
    // The patient of the other door hangs on another authority.
    makeSuccessor({ home, purpose: 'services', kind: 'intermediate', now: NOW });
    const [services, after] = [intermediatePath(home, 'services'), intermediatePath(home, 'services', 'next')];
    for (const end of ['crt', 'key']) copyFileSync(`${after}.${end}`, `${services}.${end}`);
    expect(ensure()).toHaveLength(1);
    expect(ensure()).toEqual([]);
    const otherDoor = new X509Certificate(read('other-door', 'crt'));
    expect(otherDoor.verify(new X509Certificate(readFileSync(`${services}.crt`)).publicKey)).toBe(true);
    expect(signer().verify(root(rootPath(home, 'participants')))).toBe(true);
  });

  it('are not issued under half an authority', () => {
    rmSync(join(home, 'pki/authority/participants/intermediate.key'));
    expect(() => ensure()).toThrow(MtlsConfigError);
  });
});
