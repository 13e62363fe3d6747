import type { X509Certificate } from 'node:crypto';
import type { Clock } from '@holdfast/fapi';
import type { Random } from '@holdfast/host';
import { CertificationRequestError, certify, readCertificationRequest } from '@holdfast/mtls/authority';
import type { CertificationRequest } from '@holdfast/mtls/authority';
import { asksForSameNames, decideEnrolment, lifetime, PolicyRefused, purposeOf } from '@holdfast/pki';
import type { AuthorityName, NamedLeaf, PkiList, PolicyReason } from '@holdfast/pki';
import type { Store } from '@holdfast/store';
import type { IssuingKeys } from '../issuing/issuing-keys.ts';
import { Register } from '../register/register.ts';
import type { Authentication, AuthorityTables } from '../register/tables.ts';
import type { Holder } from './authenticate.ts';
import type { EnrolmentTokens } from './enrolment-tokens.ts';
import { forbidden, malformed } from './request-refused.ts';

export interface DeskParts {
  readonly list: PkiList;
  readonly keys: IssuingKeys;
  readonly store: Store<AuthorityTables>;
  readonly tokens: EnrolmentTokens;
  readonly clock: Clock;
  readonly random: Random;
}

/** A certificate as it was issued, and under which name of the list. */
export interface Enrolled {
  readonly name: string;
  readonly certificate: X509Certificate;
  /** The leaf, then its intermediates. */
  readonly chain: readonly X509Certificate[];
}

/** What a holder that is refused gets to know. */
const TEXT: Readonly<Record<PolicyReason, string>> = {
  holder_unknown: 'nothing is listed for you',
  name_of_another_holder: 'these names are not listed for you',
  name_not_listed: 'these names are not listed for you',
  purpose: 'these names are not listed under this label',
  not_by_enrolment: 'this certificate is issued by hand',
  key_type: 'another kind of key is listed for this certificate',
};

/** Issues what the list gives to whoever asks, and nothing else. RFC7030-4.2. */
export class EnrolmentDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /**
   * First certificate of a name, or one more.
   * @param der a PKCS#10 request
   * @throws RequestRefused
   */
  async enrol(who: Holder, purpose: AuthorityName, der: Buffer): Promise<Enrolled> {
    const request = readRequest(der);
    return this.#issue(who, purpose, request, this.#decided(who, purpose, request));
  }

  /**
   * RFC7030-4.2.2. Renews a certificate or gives it another key: the names are those of the certificate that is presented, or of
   * one of the same holder that was issued before.
   * @throws RequestRefused
   */
  async renew(who: Extract<Holder, { by: 'certificate' }>, purpose: AuthorityName, der: Buffer): Promise<Enrolled> {
    const request = readRequest(der);
    const found = this.#decided(who, purpose, request);
    const isPresented = asksForSameNames(request, who.certificate);
    if (!isPresented && !(await new Register(this.#parts.store.db).wasIssued(found.name)))
      throw forbidden('nothing_to_renew', 'there is no certificate of these names to renew', { name: found.name });
    return this.#issue(who, purpose, request, found);
  }

  /**
   * A leaf of this very process, whose key does not leave it.
   * @throws PolicyRefused when the list has no such leaf
   */
  async issueToItself(holder: string, purpose: AuthorityName, der: Buffer): Promise<Enrolled> {
    const request = readCertificationRequest(der);
    const found = decideEnrolment(this.#parts.list, { holder, purpose, request });
    return this.#write({ holder, by: 'process' }, purpose, request, found, new Register(this.#parts.store.db));
  }

  #decided(who: Holder, purpose: AuthorityName, request: CertificationRequest): NamedLeaf {
    // The doors of services and participants are apart: who opens one gets no key of the other.
    if (who.by === 'certificate' && purpose !== 'web' && purpose !== who.purpose)
      throw forbidden('certificate_of_another_purpose', TEXT.purpose, { presented: who.purpose, purpose });
    try {
      return decideEnrolment(this.#parts.list, { holder: who.holder, purpose, request });
    } catch (error) {
      if (!(error instanceof PolicyRefused)) throw error;
      throw forbidden(error.reason, TEXT[error.reason], error.evidence);
    }
  }

  /** The token is taken and the certificate written down together: neither is without the other. */
  #issue(who: Holder, purpose: AuthorityName, request: CertificationRequest, found: NamedLeaf): Promise<Enrolled> {
    const { store, tokens, clock } = this.#parts;
    return store.db.transaction().execute(async (trx) => {
      if (who.by === 'token') await tokens.take(store.singleUse.within(trx), who.holder, who.token, clock.now());
      return this.#write(who, purpose, request, found, new Register(trx));
    });
  }

  async #write(
    { holder, by }: { readonly holder: string; readonly by: Authentication },
    purpose: AuthorityName,
    { publicKey }: CertificationRequest,
    { name, leaf }: NamedLeaf,
    register: Register,
  ): Promise<Enrolled> {
    const { list, keys, clock, random } = this.#parts;
    const issuer = keys.issuer(purpose);
    const { certificate } = certify({
      issuer: issuer.authority,
      publicKey,
      subject: leaf.subject,
      ...(leaf.dns === undefined ? {} : { dnsNames: leaf.dns }),
      ...(leaf.uri === undefined ? {} : { uris: leaf.uri }),
      purpose: purposeOf(leaf, list),
      ...withinLifeOf(issuer.authority.certificate, lifetime(leaf, list, clock.now())),
      random: (count) => random.bytes(count),
    });
    const { thumbprint } = issuer;
    const entry = {
      certificate,
      purpose,
      name,
      issuer: thumbprint,
      askedBy: holder,
      authenticated: by,
      at: clock.now(),
    };
    await register.enter(entry);
    return { name, certificate, chain: [certificate, ...issuer.authority.chain] };
  }
}

/** A certificate that outlives its issuer would end before its time. */
function withinLifeOf({ validToDate }: X509Certificate, { notBefore, notAfter }: { notBefore: Date; notAfter: Date }) {
  return { notBefore, notAfter: notAfter < validToDate ? notAfter : validToDate };
}

function readRequest(der: Buffer): CertificationRequest {
  try {
    return readCertificationRequest(der);
  } catch (error) {
    if (!(error instanceof CertificationRequestError)) throw error;
    throw malformed(`request_${error.reason}`, error.message, { problem: error.message });
  }
}
