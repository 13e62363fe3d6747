import type { MtlsConfigError } from './config-error.ts';
import type { PeerCertificate } from './peer-certificate.ts';

/** A leaf certificate with its intermediates and its private key, checked to belong together and to be in force. */
export interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly leaf: PeerCertificate;
}

export interface IdentitySource {
  /** The identity in force now. */
  current(): Identity;
  /** Calls `listener` after every swap; the answer unsubscribes. */
  onChange(listener: (identity: Identity) => void): () => void;
  /** Stops watching the files. */
  close(): void;
}

export interface IdentityOptions {
  /** The clock; the system's when absent. */
  readonly now?: () => Date;
  /** How often the files are read again, in milliseconds; 500 when absent. */
  readonly everyMs?: number;
  /** Told when new files on disk cannot be used and the old identity stays; a process warning when absent. */
  readonly report?: (problem: MtlsConfigError) => void;
}

export function loadIdentity(
  _files: { certificate: string; key: string },
  _options: IdentityOptions = {},
): IdentitySource {
  throw new Error('not built yet');
}
