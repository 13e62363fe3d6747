/** Why the platform cannot go on, in one line, and what a person can do about it. Told without a stack. */
export class PlatformTrouble extends Error {
  readonly remedy: string;

  constructor(problem: string, remedy: string, options?: ErrorOptions) {
    super(problem, options);
    this.name = 'PlatformTrouble';
    this.remedy = remedy;
  }
}
