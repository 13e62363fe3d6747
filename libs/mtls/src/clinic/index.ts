export { diagnose } from './diagnose.ts';
export type { Diagnosis, Examination } from './diagnose.ts';
export { hasFiles, PATIENTS } from './patients.ts';
export type { FoundAt, Patient, PatientFiles, Ward } from './patients.ts';
