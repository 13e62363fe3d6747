import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { dirname } from 'node:path';
import { loadTrust, MtlsConfigError, thumbprint } from '@holdfast/mtls';
import type { Authority } from '@holdfast/mtls/authority';
import {
  authorityNames,
  intermediatePath,
  loadIssuer,
  nextRootFile,
  readAuthority,
  trustFile,
  writeAuthority,
} from '@holdfast/pki';
import type { AuthorityName } from '@holdfast/pki';
import type { RotationRow } from '../register/tables.ts';

/** An intermediate together with the root above it. */
export interface Generation {
  readonly authority: Authority;
  readonly root: X509Certificate;
  /** `x5t#S256` of the intermediate. */
  readonly thumbprint: string;
}

/** The keys that sign, and the only place that opens them: one intermediate of each purpose, two while a rotation overlaps. */
export class IssuingKeys {
  readonly #home: string;
  #generations = new Map<AuthorityName, readonly Generation[]>();

  constructor(home: string) {
    this.#home = home;
  }

  /** The intermediate that issues now. */
  issuer(purpose: AuthorityName): Generation {
    const [first] = this.trusted(purpose);
    if (first === undefined) throw new MtlsConfigError(`no key of ${purpose} is loaded`, 'start again');
    return first;
  }

  /** The intermediates whose certificates count, the one that issues first. */
  trusted(purpose: AuthorityName): readonly Generation[] {
    return this.#generations.get(purpose) ?? [];
  }

  /** @throws MtlsConfigError when a key is not there, or its certificate has ended: what it signs is worth nothing */
  checkReady(now: Date): void {
    for (const purpose of authorityNames) {
      const { validToDate } = this.issuer(purpose).authority.certificate;
      if (now > validToDate)
        throw new MtlsConfigError(`the intermediate of ${purpose} has ended`, `npm run pki -- rotate root ${purpose}`);
    }
  }

  /**
   * Brings the keys on disk to what the rotations say, and loads them. May be stopped at any moment and called again: what is
   * there is copied before it is removed.
   * @throws MtlsConfigError when a key that should be there is not
   */
  arrange(rotations: readonly RotationRow[], now: Date): void {
    this.#generations = new Map(
      authorityNames.map((purpose) => {
        const rotation = rotations.find((one) => one.purpose === purpose);
        if (rotation !== undefined) this.#arrangeFiles(rotation, now);
        return [purpose, this.#load(purpose, rotation?.phase ?? 0, now)] as const;
      }),
    );
  }

  #load(purpose: AuthorityName, phase: number, now: Date): readonly Generation[] {
    const roots = this.#roots(purpose, now);
    const generation = (authority: Authority): Generation => {
      const root = roots.find((one) => authority.certificate.verify(one.publicKey));
      if (root === undefined) throw new MtlsConfigError(`no root of ${purpose} is above one of its keys`, RESTORE);
      return { authority, root, thumbprint: thumbprint(authority.certificate.raw) };
    };
    const current = generation(loadIssuer(this.#home, purpose, now));
    const other = phase === 1 ? 'next' : phase === 2 ? 'previous' : undefined;
    if (other === undefined) return [current];
    return [current, generation(readAuthority(intermediatePath(this.#home, purpose, other), now))];
  }

  /** Roots that are trusted already, and one that is about to be. */
  #roots(purpose: AuthorityName, now: Date): readonly X509Certificate[] {
    const trusted = loadTrust(trustFile(this.#home, purpose), now).certificates.filter((one) => one.checkIssued(one));
    const next = nextRootFile(this.#home, purpose);
    return existsSync(next) ? [...trusted, new X509Certificate(readFileSync(next))] : trusted;
  }

  #arrangeFiles({ purpose, phase, old_issuer, new_issuer }: RotationRow, now: Date): void {
    if (phase < 2) return;
    const path = (which: 'current' | 'next' | 'previous') => intermediatePath(this.#home, purpose, which);
    if (phase === 2 || phase === 3) {
      copyTo(path('previous'), old_issuer, [path('current')], now);
      copyTo(path('current'), new_issuer, [path('next')], now);
      rmSync(dirname(path('next')), { recursive: true, force: true });
    }
    if (phase === 4) destroy(path('previous'));
  }
}

const RESTORE = 'restore pki/authority and pki/trust from the same copy, or make everything anew with `npm run reset`';

/** Makes the pair at `to` the one with this thumbprint, from whichever place has it. */
function copyTo(to: string, wanted: string, from: readonly string[], now: Date): void {
  const has = (path: string): boolean => pairAt(path) === wanted;
  if (has(to)) return;
  const source = from.find(has);
  if (source === undefined)
    throw new MtlsConfigError(`the pair ${wanted} of a rotation is in none of ${from.join(', ')}`, RESTORE);
  writeAuthority(to, readAuthority(source, now));
}

/** Thumbprint of the certificate at a path, when the key beside it is its own; half a pair is none. */
function pairAt(path: string): string | undefined {
  try {
    return thumbprint(
      readAuthority(path, new X509Certificate(readFileSync(`${path}.crt`)).validFromDate).certificate.raw,
    );
  } catch {
    return undefined;
  }
}

/** Overwritten before it is unlinked: on a plain disk the bytes are gone, and a copy-on-write one has at least lost the name. */
function destroy(path: string): void {
  const key = `${path}.key`;
  if (existsSync(key)) writeFileSync(key, Buffer.alloc(statSync(key).size), { flush: true });
  rmSync(dirname(path), { recursive: true, force: true });
}
