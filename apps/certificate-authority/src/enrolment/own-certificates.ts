import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Audit, Clock } from '@holdfast/fapi';
import { issuedBy, parsePeerCertificate } from '@holdfast/mtls';
import { createCertificationRequest, generateKey, keyPemOf } from '@holdfast/mtls/enrolment';
import { enrolledLeaves, leafState, PRIVATE, PUBLIC, writeWhole } from '@holdfast/pki';
import type { Authorities, NamedLeaf, PkiList } from '@holdfast/pki';
import type { IssuingKeys } from '../issuing/issuing-keys.ts';
import type { HeldCertificate } from '../trust/acknowledgements.ts';
import type { EnrolmentDesk } from './enrolment-desk.ts';

interface Parts {
  readonly home: string;
  readonly holder: string;
  readonly list: PkiList;
  readonly keys: IssuingKeys;
  readonly desk: EnrolmentDesk;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** The certificates of the certificate authority itself: by the same rules as everybody's, without the way over the network. */
export class OwnCertificates {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Issues what is missing, ends soon, or stands under an intermediate that no longer issues.
   * @returns whether there was anything to issue
   */
  async keepFresh(): Promise<boolean> {
    const { list, holder } = this.#parts;
    const stale = enrolledLeaves(list, holder).filter((leaf) => !this.#isFresh(leaf));
    for (const leaf of stale) await this.#issue(leaf);
    return stale.length > 0;
  }

  /** What it would acknowledge, were it another process. */
  held(): HeldCertificate[] {
    const { list, holder, keys } = this.#parts;
    return enrolledLeaves(list, holder).map(({ name, leaf }) => {
      const peer = parsePeerCertificate(this.#certificate(name).raw);
      const above = keys.trusted(leaf.authority).find(({ authority }) => issuedBy(peer, authority.certificate));
      const notAfter = Math.floor(peer.notAfter.getTime() / 1000);
      return { name, thumbprint: peer.thumbprint, issuer: above?.thumbprint ?? '', notAfter };
    });
  }

  #isFresh({ name, leaf }: NamedLeaf): boolean {
    const { list, keys, clock } = this.#parts;
    const issuers = { [leaf.authority]: keys.issuer(leaf.authority).authority } as unknown as Authorities;
    return leafState(this.#path(name), leaf, issuers, list, clock.now()) === 'fresh';
  }

  /** The certificate is written last: a run that is stopped leaves a key that does not fit, and issues again. */
  async #issue({ name, leaf }: NamedLeaf): Promise<void> {
    const { holder, desk, audit } = this.#parts;
    const key = generateKey(leaf.key);
    const names = { dnsNames: leaf.dns ?? [], uris: leaf.uri ?? [] };
    const request = createCertificationRequest({ key, subject: leaf.subject, names });
    const { certificate, chain } = await desk.issueToItself(holder, leaf.authority, request);
    writeWhole(`${this.#path(name)}.key`, keyPemOf(key), PRIVATE);
    writeWhole(`${this.#path(name)}.crt`, chain.map(String).join(''), PUBLIC);
    const evidence = { purpose: leaf.authority, name, serial: certificate.serialNumber };
    audit({ action: 'own.issue', outcome: 'allowed', subject: holder, evidence });
  }

  #certificate = (name: string): X509Certificate => new X509Certificate(readFileSync(`${this.#path(name)}.crt`));

  #path = (name: string): string => join(this.#parts.home, 'pki', name);
}
