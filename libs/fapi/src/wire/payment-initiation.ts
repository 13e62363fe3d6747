import { isShowable } from '../shown-text.ts';
import type { DetailSchema } from './detail-schema.ts';
import { malformed } from './detail-schema.ts';

/** What a payment says besides what every detail says. RFC9396-2, as the appendix of that document writes it. */
export interface PaymentOrder {
  readonly instructedAmount: { readonly currency: string; readonly amount: string };
  readonly creditorName: string;
  readonly creditorAccount: { readonly iban: string };
  readonly remittanceInformationUnstructured?: string;
}

/**
 * One payment, to one creditor, of one amount. Everything a person has to see is checked here, because what is shown, what is
 * agreed to and what is booked must be one and the same text.
 */
export const PAYMENT_INITIATION: DetailSchema = {
  members: ['instructedAmount', 'creditorName', 'creditorAccount', 'remittanceInformationUnstructured'],
  read(element): PaymentOrder {
    const remittance = element['remittanceInformationUnstructured'];
    return {
      instructedAmount: amountOf(element['instructedAmount']),
      creditorName: shownText(element['creditorName'], 'creditorName', 70),
      creditorAccount: { iban: ibanOf(element['creditorAccount']) },
      ...(remittance === undefined
        ? {}
        : {
            remittanceInformationUnstructured: shownText(remittance, 'remittanceInformationUnstructured', 140),
          }),
    };
  },
};

// A JSON number would be 10.1 + 20.2 to somebody; an amount is a decimal text, in one spelling.
function amountOf(value: unknown): PaymentOrder['instructedAmount'] {
  const { currency, amount } = exactly(value, ['currency', 'amount'], 'instructedAmount');
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) throw malformed('currency is no ISO 4217 code');
  if (typeof amount !== 'string' || !/^(0|[1-9]\d{0,9})\.\d{2}$/.test(amount) || Number(amount) === 0)
    throw malformed('amount is no positive number with two decimals');
  return { currency, amount };
}

function shownText(value: unknown, member: string, maxLength: number): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > maxLength || !isShowable(value))
    throw malformed(`${member} cannot be shown`);
  return value;
}

function ibanOf(value: unknown): string {
  const { iban } = exactly(value, ['iban'], 'creditorAccount');
  if (typeof iban !== 'string' || !/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban) || remainder(iban) !== 1)
    throw malformed('iban is none');
  return iban;
}

/** ISO 13616: the first four characters go to the end, letters count from 10, and the number leaves 1 when divided by 97. */
function remainder(iban: string): number {
  const turned = iban.slice(4) + iban.slice(0, 4);
  const digits = turned.replaceAll(/[A-Z]/g, (letter) => String(Number.parseInt(letter, 36)));
  return Number(BigInt(digits) % 97n);
}

function exactly(value: unknown, members: readonly string[], name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${name} is not an object`);
  if (Object.keys(value).some((member) => !members.includes(member))) throw malformed(`${name} has an unknown member`);
  return value as Record<string, unknown>;
}
