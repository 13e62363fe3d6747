import type { CertificateReason, PeerCertificate } from '@holdfast/mtls';
import { RpcConfigError } from './config-error.ts';

/** Every reason for which a peer is turned away, on either side. */
export type PeerReason =
  | CertificateReason
  /** No URI name, more than one, or one that is no service of ours. */
  | 'identity_missing'
  | 'identity_ambiguous'
  | 'identity_foreign'
  /** A service of ours that this method does not list. */
  | 'caller_not_listed'
  /** A server of ours, but another one than was called; or not of the host name that was called. */
  | 'identity_mismatch'
  | 'name_mismatch';

/** A peer that may not go on. `reason` is for the audit; the peer learns nothing but the refusal. */
export class PeerRefused extends Error {
  override readonly name = 'PeerRefused';
  readonly reason: PeerReason;

  constructor(reason: PeerReason) {
    super(reason);
    this.reason = reason;
  }
}

const SERVICE_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const SERVICE_URI = /^spiffe:\/\/holdfast\.test\/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/;

/**
 * The service that a certificate names: the last part of its one `spiffe://holdfast.test/<service>` URI.
 *
 * Exactly one URI of any kind: with two, this reader and the next might each believe another one. There is no second
 * spelling: no upper case, no trailing slash, no query, no percent sign.
 * @throws PeerRefused
 */
export function serviceOf(certificate: PeerCertificate): string {
  const [uri, ...others] = certificate.uris;
  if (uri === undefined) throw new PeerRefused('identity_missing');
  if (others.length > 0) throw new PeerRefused('identity_ambiguous');
  const service = SERVICE_URI.exec(uri)?.[1];
  if (service === undefined) throw new PeerRefused('identity_foreign');
  return service;
}

/**
 * A service as configuration names it: `bank`, or in full `spiffe://holdfast.test/bank`.
 * @throws RpcConfigError for anything else, wildcards and other trust domains included.
 */
export function parseServiceName(text: string): string {
  const service = SERVICE_URI.exec(text)?.[1] ?? SERVICE_NAME.exec(text)?.[0];
  if (service !== undefined) return service;
  throw new RpcConfigError(
    `"${text}" is not a service of holdfast.test`,
    'write a plain name such as "bank", or spiffe://holdfast.test/bank',
  );
}
