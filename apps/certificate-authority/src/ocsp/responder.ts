import type { Clock } from '@holdfast/fapi';
import { CertificateError } from '@holdfast/mtls';
import { isOf, readOcspRequest, writeOcspError, writeOcspResponse } from '@holdfast/mtls/ocsp';
import type { CertificateId, OcspRequest, OcspStatus } from '@holdfast/mtls/ocsp';
import type { AuthorityName } from '@holdfast/pki';
import type { Generation, IssuingKeys } from '../issuing/issuing-keys.ts';
import type { Register } from '../register/register.ts';

/** Milliseconds an answer may be relied on. Our choice, no clause: shorter than a list, since it costs nothing to ask again. */
export const ANSWER_LIFE = 60_000;

/** Answers from the register whether a certificate is still good; signed by the intermediate that issued it. RFC6960-2. */
export class OcspResponder {
  readonly #keys: IssuingKeys;
  readonly #register: Register;
  readonly #clock: Clock;

  constructor(keys: IssuingKeys, register: Register, clock: Clock) {
    this.#keys = keys;
    this.#register = register;
    this.#clock = clock;
  }

  /** @returns DER in any case: what cannot be answered is told as RFC6960-2.3 has it */
  async answer(purpose: AuthorityName, der: Buffer): Promise<Buffer> {
    const request = readRequest(der);
    if (request === undefined) return writeOcspError('malformedRequest');
    const [first] = request.certificates;
    const signer = this.#keys
      .trusted(purpose)
      .find(({ authority }) => first !== undefined && isOf(first, authority.certificate));
    // An authority that is not ours, or no longer: we may not speak for it.
    if (signer === undefined) return writeOcspError('unauthorized');
    const certificates = [];
    for (const id of request.certificates) certificates.push({ id, status: await this.#statusOf(id, signer) });
    const producedAt = this.#clock.now();
    const nextUpdate = new Date(producedAt.getTime() + ANSWER_LIFE);
    const { key, certificate } = signer.authority;
    const answer = { certificates, nonce: request.nonce, producedAt, nextUpdate };
    return writeOcspResponse(answer, { key, certificate, delegated: false });
  }

  async #statusOf(id: CertificateId, { authority, thumbprint }: Generation): Promise<OcspStatus> {
    const row = isOf(id, authority.certificate) ? await this.#register.find(id.serialNumber, thumbprint) : undefined;
    // A serial number that was never given: somebody has made a certificate with our key, or made the number up.
    if (row === undefined) return { status: 'unknown' };
    if (row.revoked_at === null) return { status: 'good' };
    return { status: 'revoked', at: new Date(row.revoked_at), reason: row.revocation_reason ?? 'unspecified' };
  }
}

function readRequest(der: Buffer): OcspRequest | undefined {
  try {
    return readOcspRequest(der);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return undefined;
  }
}
