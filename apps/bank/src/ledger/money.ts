/** Digits after the point: every currency the bank keeps has two. Our choice: another currency stops here, not on a page. */
const MINOR_DIGITS: Readonly<Record<string, number>> = { GBP: 2, EUR: 2 };

/**
 * Writes minor units as a decimal string, by integer arithmetic alone: floating point would turn pence into dust.
 * @param minorUnits whole pence or cents, negative for money that left
 * @throws RangeError for a fraction, an unsafe integer or an unknown currency
 */
export function formatAmount(minorUnits: number, currency: string): string {
  const digits = MINOR_DIGITS[currency];
  if (digits === undefined) throw new RangeError(`no minor unit is known for the currency ${currency}`);
  if (!Number.isSafeInteger(minorUnits)) throw new RangeError('an amount is a whole number of minor units');
  const text = String(Math.abs(minorUnits)).padStart(digits + 1, '0');
  return `${minorUnits < 0 ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
