/** An amount as the bank states it: a decimal string and an ISO 4217 code. Never a binary float. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

const SCALE = 4;

/** Adds amounts of one currency exactly. @throws RangeError when currencies are mixed or the list is empty */
export function sum(amounts: readonly Money[]): Money {
  const first = amounts[0];
  if (first === undefined) throw new RangeError('nothing to add');
  let total = 0n;
  for (const each of amounts) {
    if (each.currency !== first.currency) throw new RangeError('currencies are not mixed');
    total += toScaled(each.amount);
  }
  return { amount: fromScaled(total), currency: first.currency };
}

/** Sums per currency, in the order in which the currencies first appear. */
export function sumByCurrency(amounts: readonly Money[]): Money[] {
  const groups = Map.groupBy(amounts, (each) => each.currency);
  return [...groups.values()].map(sum);
}

/** Below, at or above zero. */
export const sign = (money: Money): -1 | 0 | 1 => {
  const scaled = toScaled(money.amount);
  return scaled < 0n ? -1 : scaled > 0n ? 1 : 0;
};

/** For drawing only: where a rounding error is a fraction of a pixel. */
export const approximate = (money: Money): number => Number(money.amount);

function toScaled(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.');
  const magnitude = BigInt(whole.replace('-', '') + fraction.padEnd(SCALE, '0').slice(0, SCALE));
  return amount.startsWith('-') ? -magnitude : magnitude;
}

function fromScaled(scaled: bigint): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0{1,2}$/, '');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -SCALE)}.${fraction}`;
}
