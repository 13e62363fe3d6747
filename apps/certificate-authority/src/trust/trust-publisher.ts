import { EventEmitter, once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import type { Clock } from '@holdfast/fapi';
import type { PeerCertificate, Revocations, RevocationStatus, Trust, TrustSource } from '@holdfast/mtls';
import { issuedBy, readRevocationList } from '@holdfast/mtls';
import type { CertificateRevocationList } from '@holdfast/mtls';
import { authorityNames, PUBLIC, revocationListFile, trustFile, writeWhole } from '@holdfast/pki';
import type { AuthorityName } from '@holdfast/pki';
import type { Store } from '@holdfast/store';
import type { Generation, IssuingKeys } from '../issuing/issuing-keys.ts';
import { LIST_TIMES, signList } from '../issuing/revocation-lists.ts';
import type { AuthorityTables } from '../register/tables.ts';
import type { PurposeTrust, TrustState } from './trust-state.ts';

interface Parts {
  readonly home: string;
  readonly store: Store<AuthorityTables>;
  readonly keys: IssuingKeys;
  readonly clock: Clock;
}

interface Published {
  readonly state: TrustState;
  readonly lists: readonly CertificateRevocationList[];
  readonly at: Date;
}

/** Says whom to trust: signs the lists, writes the files, counts the version up, and tells whoever follows. */
export class TrustPublisher {
  readonly #parts: Parts;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #published: Published | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The state in force. */
  get state(): TrustState {
    return this.#now().state;
  }

  /**
   * Publishes what the keys and the register say now, under a new version. The files come before the version: whoever hears of
   * it finds them, and a run that is stopped in between publishes again.
   */
  async publish(): Promise<TrustState> {
    const { home, store, keys, clock } = this.#parts;
    const now = clock.now();
    const purposes = {} as Record<AuthorityName, PurposeTrust>;
    for (const purpose of authorityNames) purposes[purpose] = await this.#composed(keys.trusted(purpose), now);
    for (const purpose of authorityNames) {
      writeWhole(trustFile(home, purpose), purposes[purpose].authorities, PUBLIC);
      writeWhole(revocationListFile(home, purpose), purposes[purpose].revocationLists, PUBLIC);
    }
    const state = { version: await nextVersion(store, purposes, now), purposes };
    this.#published = { state, lists: authorityNames.flatMap((name) => readLists(purposes[name])), at: now };
    this.#changes.emit('change');
    return state;
  }

  /** Publishes when the lists are due. */
  async keepFresh(): Promise<void> {
    const age = this.#parts.clock.now().getTime() - this.#now().at.getTime();
    if (age >= LIST_TIMES.signedEvery) await this.publish();
  }

  /** @throws Error when the lists were not signed when they were due, nor the time after: they are good for less than an hour more */
  checkFresh(): void {
    const age = this.#parts.clock.now().getTime() - this.#now().at.getTime();
    if (age >= 2 * LIST_TIMES.signedEvery) throw new Error('the revocation lists were not signed again in time');
  }

  /** Resolves at the next change, or when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#changes, 'change', { signal }).catch(() => undefined);
  }

  /** Those who are trusted for any of these purposes, as they change. */
  trust(...purposes: readonly AuthorityName[]): TrustSource {
    const current = (): Trust => {
      const certificates = purposes.flatMap((purpose) => certificatesOf(this.#parts.keys.trusted(purpose)));
      return { certificates, pem: certificates.map(String).join('') };
    };
    return { current, onChange: (listener) => this.#onOtherAuthorities(current, listener) };
  }

  /** A new list changes nothing about who is trusted, and must not end what is open. */
  #onOtherAuthorities(current: () => Trust, listener: (trust: Trust) => void): () => void {
    let { pem } = current();
    const compare = (): void => {
      const trust = current();
      if (trust.pem === pem) return;
      pem = trust.pem;
      listener(trust);
    };
    this.#changes.on('change', compare);
    return () => this.#changes.off('change', compare);
  }

  /** What this authority itself has published, for its own doors. */
  get revocations(): Revocations {
    const version = (): number => this.state.version;
    return {
      get version() {
        return version();
      },
      statusOf: (cert, now) => this.#statusOf(cert, now),
      onChange: (listener) => {
        this.#changes.on('change', listener);
        return () => void this.#changes.off('change', listener);
      },
    };
  }

  /** Nobody vouches for what none of the intermediates in force has signed. */
  #statusOf(cert: PeerCertificate, now: Date): RevocationStatus {
    const own = this.#now().lists.filter(({ authority }) => issuedBy(cert, authority));
    if (own.some(({ entries }) => entries.has(cert.serialNumber.replace(/^0+(?=.)/, '')))) return 'revoked';
    return own.length > 0 && own.every(({ nextUpdate }) => now < nextUpdate) ? 'good' : 'unknown';
  }

  async #composed(generations: readonly Generation[], now: Date): Promise<PurposeTrust> {
    const lists: string[] = [];
    for (const generation of generations) lists.push(await signList(this.#parts.store.db, generation, now));
    return {
      authorities: certificatesOf(generations).map(String).join(''),
      revocationLists: lists.join(''),
      issuer: generations[0]?.thumbprint ?? '',
    };
  }

  #now(): Published {
    if (this.#published === undefined) throw new TypeError('nothing is published yet');
    return this.#published;
  }
}

/** Roots, each once, then the intermediates. */
function certificatesOf(generations: readonly Generation[]): readonly X509Certificate[] {
  const roots = new Map(generations.map(({ root }) => [root.fingerprint256, root]));
  return [...roots.values(), ...generations.map(({ authority }) => authority.certificate)];
}

function readLists({ authorities, revocationLists }: PurposeTrust): CertificateRevocationList[] {
  const signers = blocks(authorities).map((pem) => new X509Certificate(pem));
  return blocks(revocationLists).map((pem) =>
    readRevocationList(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'), signers),
  );
}

const blocks = (pem: string): readonly string[] => pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];

/** One more than ever before, also before the last restart. */
function nextVersion(store: Store<AuthorityTables>, purposes: TrustState['purposes'], now: Date): Promise<number> {
  return store.db.transaction().execute(async (trx) => {
    const last = await trx.selectFrom('trust_states').select('version').orderBy('version', 'desc').executeTakeFirst();
    const version = (last?.version ?? 0) + 1;
    await trx
      .insertInto('trust_states')
      .values({ version, state: JSON.stringify(purposes), made_at: now.getTime() })
      .execute();
    // Only the number of the last one is needed.
    await trx.deleteFrom('trust_states').where('version', '<', version).execute();
    return version;
  });
}
