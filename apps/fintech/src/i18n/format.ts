import type { Money } from '../bank/money.ts';

/** Numbers and moments in the way of one locale. Amounts stay decimal strings: a binary float cannot hold 0.10. */
export interface Formatter {
  /** `£1,234.56` */
  readonly money: (money: Money) => string;
  /** `+£12.00` or `−£12.00`: the sign carries the meaning, the colour only repeats it. */
  readonly signedMoney: (money: Money) => string;
  /** `Monday 23 November 2026` */
  readonly longDay: (moment: Date) => string;
  /** `23 Nov 2026` */
  readonly day: (moment: Date) => string;
  /** `23 Nov 2026, 09:18` */
  readonly moment: (moment: Date) => string;
  /** `2026-11-23`, the same day for every language: a key to group by and a `datetime` attribute. */
  readonly dayKey: (moment: Date) => string;
}

/**
 * @param locale BCP 47 tag such as `en-GB`
 * @param timeZone IANA name; decides where one day ends and the next begins
 */
export function createFormatter(locale: string, timeZone: string): Formatter {
  const longDay = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'full' });
  const day = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  const dayKey = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  return {
    money: (money) => withMinus(currencyFormat(locale, money.currency, 'auto').format(exact(money))),
    signedMoney: (money) => withMinus(currencyFormat(locale, money.currency, 'exceptZero').format(exact(money))),
    longDay: (at) => longDay.format(at),
    day: (at) => day.format(at),
    moment: (at) => moment.format(at),
    dayKey: (at) => dayKey.format(at),
  };
}

const exact = (money: Money) => money.amount as Intl.StringNumericLiteral;

/** A hyphen may be left hanging at the end of a line, and is not read as "minus"; the minus sign is neither. */
const withMinus = (formatted: string): string => formatted.replace('-', '\u2212');

const formats = new Map<string, Intl.NumberFormat>();

/** Making a NumberFormat is dear, using it is cheap; there are two locales and a handful of currencies. */
function currencyFormat(locale: string, currency: string, signDisplay: 'auto' | 'exceptZero'): Intl.NumberFormat {
  const key = `${locale} ${currency} ${signDisplay}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, { style: 'currency', currency, signDisplay });
  if (formats.size < 200) formats.set(key, made);
  return made;
}
