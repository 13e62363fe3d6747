/** The middle of the values, or the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** A cost as it is told: the least of all rounds, which noise can only raise, and the median. */
export interface Summary {
  readonly min: number;
  readonly median: number;
}

export function summarize(values: readonly number[]): Summary {
  return { min: Math.min(...values), median: median(values) };
}

/**
 * How many times the cost of the other one costs: the median of the ratios of each round. The two numbers of a round were taken one
 * after the other, so that what slowed the machine then slowed both.
 */
export function ratio(costs: readonly number[], others: readonly number[]): number {
  return median(ratios(costs, others));
}

const ratios = (costs: readonly number[], others: readonly number[]): number[] =>
  costs.map((cost, round) => cost / (others[round] ?? Number.NaN));

/** Between which ratios the middle half of the rounds lies: how sure the median is. */
export function spread(costs: readonly number[], others: readonly number[]): Spread {
  const sorted = ratios(costs, others).toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN;
  return { low: at(0.25), high: at(0.75) };
}

export interface Spread {
  readonly low: number;
  readonly high: number;
}

/** What a ratio may be at most. */
export interface Goal {
  readonly against: string;
  readonly atMost: number;
}

export interface Verdict extends Goal {
  readonly ratio: number;
  readonly spread: Spread;
  readonly met: boolean;
}

/** A ratio that is no number has met nothing. */
export function judge(goal: Goal, costs: readonly number[], others: readonly number[]): Verdict {
  const measured = ratio(costs, others);
  return { ...goal, ratio: measured, spread: spread(costs, others), met: measured <= goal.atMost };
}
