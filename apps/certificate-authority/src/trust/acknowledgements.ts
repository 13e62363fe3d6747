import type { Clock } from '@holdfast/fapi';
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

/** What a process tells of itself does not hold together. */
export class AcknowledgementRefused extends Error {
  override readonly name = 'AcknowledgementRefused';
  readonly reason: 'version_unknown' | 'name_of_another_holder';

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
   * @throws AcknowledgementRefused for a version that was never published, or a certificate of somebody else
   */
  async take(
    holder: string,
    told: { readonly version: number; readonly certificates: readonly HeldCertificate[] },
    current: number,
  ): Promise<void> {
    if (told.version > current) throw new AcknowledgementRefused('version_unknown');
    const own = ({ name }: HeldCertificate): boolean =>
      holderOf(name) === holder && Object.hasOwn(this.#list.leaves, name);
    if (!told.certificates.every(own)) throw new AcknowledgementRefused('name_of_another_holder');
    const row = {
      version: told.version,
      certificates: JSON.stringify(told.certificates),
      at: this.#clock.now().getTime(),
    };
    await this.#db
      .insertInto('acknowledgements')
      .values({ holder, ...row })
      .onConflict((conflict) => conflict.column('holder').doUpdateSet(row))
      .execute();
  }

  all(): Promise<AcknowledgementRow[]> {
    return this.#db.selectFrom('acknowledgements').selectAll().execute();
  }
}
