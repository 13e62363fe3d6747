/** Why there is no new certificate. For log and audit trail. */
export type EnrolmentProblem =
  // It was not asked, or it did not answer: worth another try.
  | 'authority_unreachable'
  | 'authority_busy'
  | 'token_missing'
  // It said no.
  | 'request_refused'
  | 'not_authenticated'
  // It answered, and the answer is not taken.
  | 'answer_too_large'
  | 'answer_unreadable'
  | 'certificate_of_another_key'
  | 'certificate_with_other_names'
  | 'certificate_of_another_purpose'
  | 'certificate_of_another_authority'
  | 'certificate_not_in_force';

const WORTH_WAITING: readonly EnrolmentProblem[] = ['authority_unreachable', 'authority_busy'];

/** No certificate was issued to us, or none that we take. Nothing was written. */
export class EnrolmentRefused extends Error {
  override readonly name = 'EnrolmentRefused';
  readonly problem: EnrolmentProblem;
  readonly detail: string | undefined;

  constructor(problem: EnrolmentProblem, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? problem : `${problem}: ${detail}`, options);
    this.problem = problem;
    this.detail = detail;
  }

  /** Whether the same question may well be answered in a moment. */
  get passes(): boolean {
    return WORTH_WAITING.includes(this.problem);
  }
}
