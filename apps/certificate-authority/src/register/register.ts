import type { X509Certificate } from 'node:crypto';
import { formatDn, parsePeerCertificate } from '@holdfast/mtls';
import type { RevocationReason } from '@holdfast/mtls';
import type { RevokedEntry } from '@holdfast/mtls/authority';
import type { AuthorityName } from '@holdfast/pki';
import { announce } from './revisions.ts';
import type { Authentication, AuthorityDb, CertificateRow } from './tables.ts';

/** What is written down of a certificate when it is issued. */
export interface Issued {
  readonly certificate: X509Certificate;
  readonly purpose: AuthorityName;
  readonly name: string;
  /** `x5t#S256` of the intermediate that signed it. */
  readonly issuer: string;
  readonly askedBy: string;
  readonly authenticated: Authentication;
  readonly at: Date;
}

/** A revoked certificate stays on the lists this long after its end: a clock that is behind still finds it. RFC5280-3.3. */
const LISTED_AFTER_END = 24 * 3_600_000;

/** Every certificate that was issued: to whom, at whose word, and whether it was taken back. */
export class Register {
  readonly #db: AuthorityDb;

  /** @param db the store, or a transaction of it */
  constructor(db: AuthorityDb) {
    this.#db = db;
  }

  /** Writes a certificate down; once more changes nothing. */
  async enter(issued: Issued): Promise<void> {
    await this.#db
      .insertInto('certificates')
      .values(rowOf(issued))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** All of them, the newest first. */
  all(): Promise<CertificateRow[]> {
    return this.#db.selectFrom('certificates').selectAll().orderBy('issued_at', 'desc').orderBy('name').execute();
  }

  /**
   * A certificate of an intermediate.
   * @param serial hex, leading zeros or not
   */
  find(serial: string, issuer: string): Promise<CertificateRow | undefined> {
    return this.#db
      .selectFrom('certificates')
      .selectAll()
      .where('serial', '=', serial.padStart(serial.length + (serial.length % 2), '0'))
      .where('issuer', '=', issuer)
      .executeTakeFirst();
  }

  /** @param what a name or a serial number */
  async isKnown(what: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('certificates')
      .select('serial')
      .where(what.includes('/') ? 'name' : 'serial', '=', what)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Whether a certificate of this name was issued before and has not been taken back. */
  async wasIssued(name: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('certificates')
      .select('serial')
      .where('name', '=', name)
      .where('revoked_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Takes certificates back: all of a name that are in force, or the one with this serial number.
   * @returns those that were taken back now; nothing for one that was before
   */
  async revoke(what: string, reason: RevocationReason, now: Date): Promise<CertificateRow[]> {
    const rows = await this.#db
      .updateTable('certificates')
      .set({ revoked_at: now.getTime(), revocation_reason: reason })
      .where('revoked_at', 'is', null)
      .where('not_after', '>', now.getTime())
      .where(what.includes('/') ? 'name' : 'serial', '=', what)
      .returningAll()
      .execute();
    if (rows.length > 0) await announce(this.#db);
    return rows;
  }

  /** What belongs on the list of an intermediate. */
  async revokedBy(issuer: string, now: Date): Promise<RevokedEntry[]> {
    const rows = await this.#db
      .selectFrom('certificates')
      .select(['serial', 'revoked_at', 'revocation_reason'])
      .where('issuer', '=', issuer)
      .where('revoked_at', 'is not', null)
      .where('not_after', '>', now.getTime() - LISTED_AFTER_END)
      .orderBy('revoked_at')
      .execute();
    return rows.map(({ serial, revoked_at, revocation_reason }) => ({
      serialNumber: serial,
      at: new Date(revoked_at ?? 0),
      reason: revocation_reason ?? 'unspecified',
    }));
  }
}

function rowOf({ certificate, purpose, name, issuer, askedBy, authenticated, at }: Issued): CertificateRow {
  const { serialNumber, subject, thumbprint, notBefore, notAfter } = parsePeerCertificate(certificate.raw);
  return {
    serial: serialNumber,
    purpose,
    name,
    subject: formatDn(subject),
    thumbprint,
    issuer,
    not_before: notBefore.getTime(),
    not_after: notAfter.getTime(),
    asked_by: askedBy,
    authenticated,
    issued_at: at.getTime(),
    revoked_at: null,
    revocation_reason: null,
  };
}
