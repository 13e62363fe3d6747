import { ServerCredentials } from '@grpc/grpc-js';
import type { SecureContextOptions, TlsOptions } from 'node:tls';

/**
 * How the server presents and demands certificates. grpc-js has credentials of its own, but without a TLS 1.3 floor,
 * without reload, and asking callers for nothing unless told to; these have no setting that could be forgotten.
 */
export class MutualTlsCredentials extends ServerCredentials {
  readonly #tls: () => SecureContextOptions & TlsOptions;

  /** @param tls what is in force now: identity, trusted authorities and the TLS policy, complete. */
  constructor(tls: () => SecureContextOptions & TlsOptions) {
    const first = tls();
    super(first, first);
    this.#tls = tls;
  }

  /** Reads identity and trust again; in force for every handshake from now on. Open connections are not touched. */
  reload(): void {
    this.updateSecureContextOptions(this.#tls());
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
