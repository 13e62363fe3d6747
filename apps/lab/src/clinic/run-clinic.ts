import type { Patient } from '@holdfast/mtls/clinic';
import type { Examined } from './examine.ts';
import { examine } from './examine.ts';
import type { Clinic } from './open-clinic.ts';

/** Hears how a round goes. */
export interface ClinicAudience {
  begins?(patient: Patient, done: number, of: number): void;
  ends?(examined: Examined): void;
}

/** Sees one patient after the other; ends after the current one when aborted. */
export async function runClinic(
  clinic: Clinic,
  patients: readonly Patient[],
  audience: ClinicAudience = {},
  abort?: AbortSignal,
): Promise<readonly Examined[]> {
  const seen: Examined[] = [];
  for (const patient of patients) {
    if (abort?.aborted) break;
    audience.begins?.(patient, seen.length, patients.length);
    const examined = await examine(clinic, patient);
    seen.push(examined);
    audience.ends?.(examined);
  }
  return seen;
}
