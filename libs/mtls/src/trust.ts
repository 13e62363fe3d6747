import type { X509Certificate } from 'node:crypto';

/** The certification authorities one door trusts: never empty. */
export interface Trust {
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

export function loadTrust(_file: string, _now: Date = new Date()): Trust {
  throw new Error('not built yet');
}
