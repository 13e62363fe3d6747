import type { AttackResult } from '../run/run-attacks.ts';

/** How a run went, in numbers. */
export interface Tally {
  readonly played: number;
  readonly passed: number;
  readonly refused: number;
  readonly stolen: number;
  readonly inconclusive: number;
  readonly brokenControls: number;
}

export function tally(results: readonly AttackResult[]): Tally {
  const count = (fits: (result: AttackResult) => boolean): number => results.filter(fits).length;
  return {
    played: results.length,
    passed: count(({ verdict }) => verdict.passed),
    refused: count(({ verdict }) => verdict.outcome === 'refused'),
    stolen: count(({ verdict }) => verdict.outcome === 'stolen'),
    inconclusive: count(({ verdict }) => verdict.outcome === 'inconclusive'),
    brokenControls: count(({ verdict }) => !verdict.controlStolen),
  };
}
