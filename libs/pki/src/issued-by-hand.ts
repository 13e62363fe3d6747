import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { parsePeerCertificate } from '@holdfast/mtls';
import type { X509Certificate } from 'node:crypto';
import { PRIVATE } from './files.ts';
import { issuedFile } from './home-layout.ts';
import type { AuthorityName } from './pki-list.ts';

/** A certificate that a command has issued, for the register. */
export interface IssuedByHand {
  readonly purpose: AuthorityName;
  /** `<holder>/<name>`. */
  readonly name: string;
  /** DER, base64. */
  readonly certificate: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Notes what was issued beside the certificate authority; it takes the notes over into its register. */
export function noteIssued(
  home: string,
  issued: { purpose: AuthorityName; name: string; certificate: X509Certificate; now: Date },
): void {
  const { purpose, name, certificate, now } = issued;
  // What our own reader refuses must not come into a register that is read with it.
  parsePeerCertificate(certificate.raw);
  const line: IssuedByHand = { purpose, name, certificate: certificate.raw.toString('base64'), at: now.toISOString() };
  appendFileSync(issuedFile(home), `${JSON.stringify(line)}\n`, { mode: PRIVATE });
}

/**
 * The notes from a place in the file on.
 * @param from bytes that were read before
 * @returns the notes, and how far they go; a line that is being written is left for the next time
 */
export function readIssued(
  home: string,
  from: number,
): { readonly issued: readonly IssuedByHand[]; readonly to: number } {
  const file = issuedFile(home);
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size <= from) return { issued: [], to: size };
  const bytes = readFileSync(file).subarray(from);
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  const lines = whole.toString('utf8').split('\n').filter(Boolean);
  return { issued: lines.map((line) => JSON.parse(line) as IssuedByHand), to: from + whole.length };
}
