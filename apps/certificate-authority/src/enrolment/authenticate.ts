import type { PeerCertificate } from '@holdfast/mtls';
import { CertificateRefused, issuedBy, judgeClientCertificate } from '@holdfast/mtls';
import { participantOf } from '@holdfast/pki';
import type { AuthorityName, PkiList } from '@holdfast/pki';
import type { IssuingKeys } from '../issuing/issuing-keys.ts';
import type { Authentication } from '../register/tables.ts';
import { unauthenticated } from './request-refused.ts';
import type { EnrolmentTokens } from './enrolment-tokens.ts';

/** Whoever asks, and how that is known. */
export type Holder =
  | {
      readonly holder: string;
      readonly by: Extract<Authentication, 'certificate'>;
      readonly purpose: Exclude<AuthorityName, 'web'>;
      readonly certificate: PeerCertificate;
    }
  | { readonly holder: string; readonly by: Extract<Authentication, 'token'>; readonly token: string };

export type CertifiedHolder = Extract<Holder, { by: 'certificate' }>;

const SERVICE_URI = /^spiffe:\/\/holdfast\.test\/([a-z][a-z0-9-]*)$/;

/** Knows holders by what they present. */
export class Authenticator {
  readonly #list: PkiList;
  readonly #keys: IssuingKeys;
  readonly #tokens: EnrolmentTokens;

  constructor(list: PkiList, keys: IssuingKeys, tokens: EnrolmentTokens) {
    this.#list = list;
    this.#keys = keys;
    this.#tokens = tokens;
  }

  /**
   * RFC7030-3.2.3, RFC7030-3.3.2. By a token when one is sent, else by the certificate of the connection.
   * @param presented what came with the request: the certificate with its revocation looked up, and every Authorization header
   * @throws RequestRefused 401
   */
  async known(
    presented: { readonly certificate: PeerCertificate | undefined; readonly authorization: readonly string[] },
    now: Date,
  ): Promise<Holder> {
    const [header, ...more] = presented.authorization;
    if (header === undefined) return this.knownByCertificate(presented.certificate, now);
    if (more.length > 0) throw unauthenticated('authorization_repeated');
    const { holder, token } = readBasic(header);
    await this.#tokens.check(holder, token, now);
    return { holder, by: 'token', token };
  }

  /** @throws RequestRefused 401 without a certificate in force that names a holder */
  knownByCertificate(presented: PeerCertificate | undefined, now: Date): CertifiedHolder {
    const certificate = judged(presented, now);
    const purpose = (['services', 'participants'] as const).find((name) =>
      this.#keys.trusted(name).some(({ authority }) => issuedBy(certificate, authority.certificate)),
    );
    if (purpose === undefined) throw unauthenticated('certificate_untrusted', evidenceOf(certificate));
    const holder = purpose === 'services' ? serviceOf(certificate) : participantOf(this.#list, certificate);
    if (holder === undefined) throw unauthenticated('certificate_names_nobody', evidenceOf(certificate));
    return { holder, by: 'certificate', purpose, certificate };
  }
}

function judged(presented: PeerCertificate | undefined, now: Date): PeerCertificate {
  try {
    return judgeClientCertificate(presented, now);
  } catch (error) {
    if (!(error instanceof CertificateRefused)) throw error;
    throw unauthenticated(error.reason, error.evidence);
  }
}

/** The service a certificate names: its one URI, and no second one that another reader might take. */
function serviceOf({ uris }: PeerCertificate): string | undefined {
  return uris.length === 1 ? SERVICE_URI.exec(uris[0] ?? '')?.[1] : undefined;
}

/** RFC7617-2: user and password, the first colon between them. */
function readBasic(header: string): { readonly holder: string; readonly token: string } {
  const [, base64 = ''] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const [, holder, token] =
    /^([a-z-]{1,40}):([\w-]{1,100})$/.exec(Buffer.from(base64, 'base64').toString('latin1')) ?? [];
  if (holder === undefined || token === undefined) throw unauthenticated('authorization_malformed');
  return { holder, token };
}

const evidenceOf = ({ thumbprint, serialNumber }: PeerCertificate): Record<string, string> => ({
  thumbprint,
  serial: serialNumber,
});
