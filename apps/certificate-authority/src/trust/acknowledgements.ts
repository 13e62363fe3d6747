import type { Clock } from '@holdfast/fapi';
import { TRUST_FRESHNESS } from '@holdfast/mtls';
import type { PkiList } from '@holdfast/pki';
import { holderOf } from '@holdfast/pki';
import type { AcknowledgementRow, AuthorityDb } from '../register/tables.ts';

/** A certificate that a process works with. */
export interface HeldCertificate {
  /** Its name in the list: `bank/api`. */
  readonly name: string;
  readonly thumbprint: string;
  /** `x5t#S256` of the intermediate above it. */
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly notAfter: number;
}

/** What a process tells of itself. */
export interface Told {
  /** Which process of its holder speaks: what it has called itself at its start. */
  readonly instance: string;
  /** 0 from a process that ends. */
  readonly version: number;
  readonly certificates: readonly HeldCertificate[];
}

/** What a process calls itself: 128 bits in base64url. */
export const INSTANCE = /^[\w-]{22}$/;

/** What a process tells of itself does not hold together. */
export class AcknowledgementRefused extends Error {
  override readonly name = 'AcknowledgementRefused';
  readonly reason: 'version_unknown' | 'name_of_another_holder' | 'instance_malformed';

  constructor(reason: AcknowledgementRefused['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/** Who works with which state and which certificates, as each has told last. */
export class Acknowledgements {
  readonly #db: AuthorityDb;
  readonly #list: PkiList;
  readonly #clock: Clock;

  constructor(db: AuthorityDb, list: PkiList, clock: Clock) {
    this.#db = db;
    this.#list = list;
    this.#clock = clock;
  }

  /**
   * Takes down what a process tells.
   * @param current the version in force: nobody can have a later one
   * @returns whether it is news, and not only that the process is still there
   * @throws AcknowledgementRefused for a version that was never published, a certificate of somebody else, or when the process does not say
   *   which it is
   */
  async take(holder: string, told: Told, current: number): Promise<boolean> {
    const { instance } = told;
    if (!INSTANCE.test(instance)) throw new AcknowledgementRefused('instance_malformed');
    if (told.version > current) throw new AcknowledgementRefused('version_unknown');
    if (told.version === 0) return this.#leave(holder, instance);
    const own = ({ name }: HeldCertificate): boolean =>
      holderOf(name) === holder && Object.hasOwn(this.#list.leaves, name);
    if (!told.certificates.every(own)) throw new AcknowledgementRefused('name_of_another_holder');
    const row = {
      version: told.version,
      certificates: JSON.stringify(told.certificates),
      at: this.#clock.now().getTime(),
    };
    const before = await this.#of(holder, instance);
    await this.#db
      .insertInto('acknowledgements')
      .values({ holder, instance, ...row })
      .onConflict((conflict) => conflict.columns(['holder', 'instance']).doUpdateSet(row))
      .execute();
    await this.#forget(holder, row.at - TRUST_FRESHNESS.graceMs);
    return before?.version !== row.version || before.certificates !== row.certificates;
  }

  async #leave(holder: string, instance: string): Promise<boolean> {
    const ended = this.#db.deleteFrom('acknowledgements').where('holder', '=', holder).where('instance', '=', instance);
    return (await ended.returning('holder').execute()).length > 0;
  }

  #of(holder: string, instance: string): Promise<AcknowledgementRow | undefined> {
    const known = this.#db.selectFrom('acknowledgements').selectAll();
    return known.where('holder', '=', holder).where('instance', '=', instance).executeTakeFirst();
  }

  /** Processes that nobody waits for any more, beside one that has just spoken. */
  async #forget(holder: string, before: number): Promise<void> {
    await this.#db.deleteFrom('acknowledgements').where('holder', '=', holder).where('at', '<', before).execute();
  }
}
