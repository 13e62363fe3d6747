import { styleText } from 'node:util';

/** Why the platform cannot go on, in one line, and what a person can do about it. Told without a stack. */
export class PlatformTrouble extends Error {
  readonly remedy: string;

  constructor(problem: string, remedy: string, options?: ErrorOptions) {
    super(problem, options);
    this.name = 'PlatformTrouble';
    this.remedy = remedy;
  }
}

/** Tells a person what is wrong: trouble with its remedy, anything else with all it has, for it is a fault of ours. */
export function tellTrouble(error: unknown): void {
  if (error instanceof PlatformTrouble) {
    console.error(`\n  ${styleText('red', '✖')} ${error.message}\n  ${styleText('bold', '→')} ${error.remedy}\n`);
  } else {
    console.error(error);
  }
}
