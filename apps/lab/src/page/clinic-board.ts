import { PATIENTS } from '@holdfast/mtls/clinic';
import type { Patient } from '@holdfast/mtls/clinic';
import type { Examined } from '../clinic/examine.ts';
import type { Clinic } from '../clinic/open-clinic.ts';
import { runClinic } from '../clinic/run-clinic.ts';

/** Who is being examined right now. */
export interface NowExamining {
  readonly patient: Patient;
  readonly done: number;
  readonly of: number;
}

export interface ClinicBoardParts {
  /** Opens the clinic; the platform is looked for anew with every round. */
  readonly openClinic: () => Promise<Clinic | { readonly away: string }>;
  /** Hears of a round that could not be made at all. */
  readonly onTrouble: (error: unknown) => void;
  /** Ends a round after the current patient. */
  readonly abort: AbortSignal;
}

/** The one round that may be going on at a time, and the latest result of every patient. */
export class ClinicBoard {
  readonly patients = PATIENTS;
  readonly #parts: ClinicBoardParts;
  readonly #seen = new Map<string, Examined>();
  #examining: NowExamining | undefined;
  #away: string | undefined;
  #round: Promise<void> | undefined;

  constructor(parts: ClinicBoardParts) {
    this.#parts = parts;
  }

  /** Begins a round; does nothing while one goes on. */
  start(): void {
    const [patient] = this.patients;
    if (this.isRunning || patient === undefined || this.#parts.abort.aborted) return;
    this.#seen.clear();
    this.#examining = { patient, done: 0, of: this.patients.length };
    this.#round = this.#examine()
      .catch((error: unknown) => {
        this.#away = error instanceof Error ? error.message : String(error);
        this.#parts.onTrouble(error);
      })
      .finally(() => {
        this.#round = undefined;
        this.#examining = undefined;
      });
  }

  get isRunning(): boolean {
    return this.#round !== undefined;
  }

  get examining(): NowExamining | undefined {
    return this.#examining;
  }

  /** Why nobody could be examined, when that was last tried. */
  get away(): string | undefined {
    return this.#away;
  }

  resultOf({ id }: Patient): Examined | undefined {
    return this.#seen.get(id);
  }

  /** Resolves when nobody is being examined any more. */
  async settled(): Promise<void> {
    await this.#round;
  }

  async #examine(): Promise<void> {
    const { openClinic, abort } = this.#parts;
    const clinic = await openClinic();
    this.#away = 'away' in clinic ? clinic.away : undefined;
    if ('away' in clinic) return;
    try {
      await runClinic(
        clinic,
        this.patients,
        {
          begins: (patient, done, of) => void (this.#examining = { patient, done, of }),
          ends: (examined) => void this.#seen.set(examined.patient.id, examined),
        },
        abort,
      );
    } finally {
      await clinic.close();
    }
  }
}
