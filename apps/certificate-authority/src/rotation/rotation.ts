import { existsSync, readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import { thumbprint } from '@holdfast/mtls';
import { intermediatePath } from '@holdfast/pki';
import type { AuthorityName, PkiList, RotationKind } from '@holdfast/pki';
import type { Config } from '../config.ts';
import { Register } from '../register/register.ts';
import { announce } from '../register/revisions.ts';
import type { AuthorityDb, RotationRow } from '../register/tables.ts';
import { missing } from './gate.ts';

/** Where a rotation stands. */
export interface RotationStatus {
  readonly purpose: AuthorityName;
  readonly kind: RotationKind;
  /** 1 announce, 2 issue, 3 withdraw, 4 retire: the end. 0: it was abandoned. */
  readonly phase: number;
  readonly version: number | null;
  /** What the next phase waits for, in words. */
  readonly missing: readonly string[];
}

/**
 * The rotations in the store. A phase is a row there and nothing else: whatever is stopped, the running process brings keys and trust
 * to what the row says.
 */
export class Rotations {
  readonly #db: AuthorityDb;
  readonly #ctx: ProcessContext<Config>;
  readonly #list: PkiList;

  constructor(db: AuthorityDb, ctx: ProcessContext<Config>, list: PkiList) {
    this.#db = db;
    this.#ctx = ctx;
    this.#list = list;
  }

  /**
   * Announces the intermediate that was made offline.
   * @throws StartUpError when a rotation of this purpose is under way, or nothing was made
   */
  async begin(purpose: AuthorityName, kind: RotationKind): Promise<RotationStatus> {
    const { home, clock } = this.#ctx;
    const now = clock.now().getTime();
    const row: RotationRow = {
      purpose,
      kind,
      phase: 1,
      old_issuer: thumbprintAt(`${intermediatePath(home, purpose)}.crt`),
      new_issuer: thumbprintAt(`${intermediatePath(home, purpose, 'next')}.crt`),
      began_at: now,
      phase_at: now,
      version: null,
    };
    const begun = await this.#db
      .insertInto('rotations')
      .values(row)
      .onConflict((conflict) => conflict.column('purpose').doUpdateSet(row).where('rotations.phase', '=', 4))
      .returning('phase')
      .execute();
    if (begun.length === 0)
      throw new StartUpError(
        `a rotation of ${purpose} is under way`,
        'Run the command again without beginning: it goes on.',
      );
    await this.#decided(row);
    return this.#statusOf(row);
  }

  /** Goes on to the next phase when nothing is missing; otherwise tells what is, and changes nothing. */
  async advance(purpose: AuthorityName): Promise<RotationStatus> {
    const row = await this.#row(purpose);
    const status = await this.#statusOf(row);
    if (status.missing.length > 0 || row.phase === 4) return status;
    const next = { ...row, phase: row.phase + 1, phase_at: this.#ctx.clock.now().getTime(), version: null };
    const advanced = await this.#db
      .updateTable('rotations')
      .set(next)
      .where('purpose', '=', purpose)
      .where('phase', '=', row.phase)
      .returning('phase')
      .execute();
    // Two who advance at once take one step, not two.
    if (advanced.length > 0) await this.#decided(next);
    return this.status(purpose);
  }

  /**
   * Takes back what was announced: nobody is to trust the new one any more, which has issued nothing yet. What was made offline is
   * kept for the next time.
   * @throws StartUpError when none is under way, or it is past that: then the way out is to go on
   */
  async abandon(purpose: AuthorityName): Promise<RotationStatus> {
    const { kind, phase } = await this.#row(purpose);
    // In one step with the question, for somebody may be going on at this moment.
    const abandoned = await this.#db
      .deleteFrom('rotations')
      .where('purpose', '=', purpose)
      .where('phase', '=', 1)
      .returning('phase')
      .execute();
    if (abandoned.length === 0)
      throw phase === 4
        ? new StartUpError(
            `the rotation of ${purpose} is over`,
            'There is nothing to take back; another one may begin.',
          )
        : new StartUpError(
            `the rotation of ${purpose} is in phase ${phase} and cannot be abandoned: the new one has issued`,
            `Go on with it: npm run pki -- rotate ${kind} ${purpose}`,
          );
    await announce(this.#db);
    this.#ctx.audit({ action: 'rotation.abandon', outcome: 'allowed', evidence: { purpose, kind } });
    return { purpose, kind, phase: 0, version: null, missing: [] };
  }

  /** @throws StartUpError when there never was one */
  async status(purpose: AuthorityName): Promise<RotationStatus> {
    return this.#statusOf(await this.#row(purpose));
  }

  async #row(purpose: AuthorityName): Promise<RotationRow> {
    const row = await this.#db.selectFrom('rotations').selectAll().where('purpose', '=', purpose).executeTakeFirst();
    if (row !== undefined) return row;
    throw new StartUpError(
      `there is no rotation of ${purpose}`,
      `npm run pki -- rotate intermediate ${purpose} begins one.`,
    );
  }

  async #decided({ purpose, kind, phase }: RotationRow): Promise<void> {
    await announce(this.#db);
    const evidence = { purpose, kind, phase: `${phase}` };
    this.#ctx.audit({ action: 'rotation.advance', outcome: 'allowed', evidence });
  }

  async #statusOf(rotation: RotationRow): Promise<RotationStatus> {
    const { purpose, kind, phase, version } = rotation;
    const standing = {
      rotation,
      acknowledgements: await this.#db.selectFrom('acknowledgements').selectAll().execute(),
      processes: this.#ctx.config.processes,
      certificates: await new Register(this.#db).all(),
      list: this.#list,
      now: this.#ctx.clock.now(),
    };
    return { purpose, kind, phase, version, missing: missing(standing) };
  }
}

function thumbprintAt(file: string): string {
  if (existsSync(file)) return thumbprint(new X509Certificate(readFileSync(file)).raw);
  throw new StartUpError(`there is no ${file}`, 'Make it first: npm run pki -- rotate intermediate|root <purpose>.');
}
