import { TRUST_PURPOSES } from '@holdfast/mtls';
import type { LiveTrust, TrustPurpose } from '@holdfast/mtls';
import type { Readiness, Vitals } from '../process/health.ts';

/** What `/health` answers. */
export interface HealthReport extends Readiness {
  readonly certificates: readonly CertificateReport[];
  /** Absent in a process that trusts nobody. */
  readonly trust?: TrustReport;
}

interface CertificateReport {
  readonly name: string;
  readonly notAfter: string;
  readonly secondsLeft: number;
  /** `x5t#S256` of the authority above it. */
  readonly issuer: string | null;
}

interface TrustReport {
  readonly version: number;
  /** Seconds since the authority, or the folder, last said that this is all there is; null before its first word. */
  readonly confirmedSecondsAgo: number | null;
  readonly revocationLists: readonly { readonly purpose: TrustPurpose; readonly secondsLeft: number }[];
}

export function healthReport(readiness: Readiness, vitals: Vitals | undefined, now: Date): HealthReport {
  if (vitals === undefined) return { ...readiness, certificates: [] };
  const certificates = vitals.held().map(({ name, notAfter, issuer }) => ({
    name,
    notAfter: notAfter.toISOString(),
    secondsLeft: secondsFrom(now, notAfter),
    issuer: issuer ?? null,
  }));
  return { ...readiness, certificates, trust: trustReport(vitals.trust, now) };
}

const trustReport = (trust: LiveTrust, now: Date): TrustReport => ({
  version: trust.version,
  confirmedSecondsAgo: trust.confirmedAt === undefined ? null : -secondsFrom(now, trust.confirmedAt),
  revocationLists: TRUST_PURPOSES.map((purpose) => ({
    purpose,
    secondsLeft: secondsFrom(now, trust.of(purpose).nextUpdate),
  })),
});

/** Negative once it has passed. */
const secondsFrom = (now: Date, then: Date): number => Math.round((then.getTime() - now.getTime()) / 100) / 10;
