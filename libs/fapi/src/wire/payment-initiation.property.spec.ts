import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { anyText, damagedText } from '../testing/jws.ts';
import type { AuthorizationDetail } from './authorization-details.ts';
import { narrowDetails, parseIssuedDetails, parseRequestedDetails } from './authorization-details.ts';

const TYPES = [{ type: 'payment_initiation', actions: ['initiate', 'status'], locations: ['https://bank.test'] }];
const IBAN = 'DE02100100109307118603';
const GOOD = {
  type: 'payment_initiation',
  actions: ['initiate'],
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
  creditorAccount: { iban: IBAN },
  remittanceInformationUnstructured: 'Invoice 4711',
};

/** The payment that was read, or undefined where it was refused; nothing else may happen. */
function read(detail: object): AuthorizationDetail | undefined {
  try {
    return parseRequestedDetails(JSON.stringify([detail]), TYPES)[0];
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).code).toBe('invalid_authorization_details');
    return undefined;
  }
}

const cents = fc.bigInt({ min: 1n, max: 999_999_999_999n });
const amount = cents.map((all) => `${all / 100n}.${String(all % 100n).padStart(2, '0')}`);
const letters = fc.string({
  unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.split('')),
  minLength: 11,
  maxLength: 30,
});
/** ISO 13616, computed digit by digit, as a person would. */
const iban = fc.tuple(fc.constantFrom('DE', 'GB', 'LT'), letters).map(([country, account]) => {
  const digits = Array.from(`${account}${country}00`, (one) => Number.parseInt(one, 36)).join('');
  const left = Array.from(digits).reduce((sum, digit) => (sum * 10 + Number(digit)) % 97, 0);
  return `${country}${String(98 - left).padStart(2, '0')}${account}`;
});
const shown = (maxLength: number) =>
  fc
    .string({ unit: fc.constantFrom(...'aZ09 .-&éß中'.split('')), minLength: 1, maxLength })
    .filter((text) => text.trim() !== '');
const payment = fc.record(
  {
    type: fc.constant('payment_initiation'),
    actions: fc.constant(['initiate']),
    instructedAmount: fc.record({ currency: fc.constantFrom('EUR', 'GBP'), amount }),
    creditorName: shown(70),
    creditorAccount: fc.record({ iban }),
    remittanceInformationUnstructured: shown(140),
  },
  { requiredKeys: ['type', 'actions', 'instructedAmount', 'creditorName', 'creditorAccount'] },
);

describe('a payment [RFC9396-5]', () => {
  it('that keeps every rule is read as it was sent, and back from the token [RFC9396-9.1]', () => {
    fc.assert(
      fc.property(payment, (sent) => {
        const order = read(sent);
        expect(order).toEqual({ ...sent, locations: ['https://bank.test'] });
        expect(parseIssuedDetails(JSON.parse(JSON.stringify([order])))).toEqual([order]);
      }),
    );
  });

  it('is never read with another amount or account than one spelling of a real one', () => {
    const money = fc.oneof(damagedText('123.50'), amount.chain(damagedText), fc.double().map(String), anyText(6));
    const account = fc.oneof(damagedText(IBAN), iban.chain(damagedText), anyText(20));
    fc.assert(
      fc.property(money, account, (value, number) => {
        const paid = read({ ...GOOD, instructedAmount: { currency: 'EUR', amount: value } });
        if (paid !== undefined) {
          expect(paid.instructedAmount?.amount).toBe(value);
          expect(Number(value).toFixed(2)).toBe(value);
          expect(Number(value)).toBeGreaterThan(0);
        }
        const credited = read({ ...GOOD, creditorAccount: { iban: number } });
        if (credited !== undefined) expect(number).toMatch(/^[A-Z]{2}\d\d[A-Z0-9]{11,30}$/);
      }),
    );
  });

  it('is never read after two neighbours in the account number changed places, or one sign is another', () => {
    fc.assert(
      fc.property(iban, fc.nat(40), (number, place) => {
        const at = 4 + (place % (number.length - 5));
        const [one = '', two = ''] = [number[at], number[at + 1]];
        const swapped = number.slice(0, at) + two + one + number.slice(at + 2);
        const other = number.slice(0, at) + (one === '1' ? '2' : '1') + number.slice(at + 1);
        // What the check digits promise for digits; a letter counts as two of them.
        if (/\d/.test(one)) expect(read({ ...GOOD, creditorAccount: { iban: other } })).toBeUndefined();
        if (/\d/.test(one) && /\d/.test(two) && one !== two)
          expect(read({ ...GOOD, creditorAccount: { iban: swapped } })).toBeUndefined();
      }),
    );
  });

  it('says to the person, to the bank and in the token one text', () => {
    const name = fc.oneof(
      anyText(10),
      fc.string({
        unit: fc.constantFrom('A', ' ', '\u202e', '\u200b', '\u2028', '\u3164', '\ufe0f', '\ud800', '\ue000', '\0'),
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(name, fc.constantFrom('creditorName', 'remittanceInformationUnstructured'), (text, member) => {
        const order = read({ ...GOOD, [member]: text });
        if (order === undefined) return;
        expect(Buffer.from(text).toString()).toBe(text);
        // Nothing that takes no place, breaks the line, or turns what stands around it.
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(text.trim()).not.toBe('');
      }),
    );
  });

  it('with a member that is missing, unknown or of another kind is refused', () => {
    const odd = fc.constantFrom<unknown>(undefined, null, '', 0, [], {}, [IBAN], { iban: IBAN, bic: 'x' }, true);
    const member = fc.constantFrom('instructedAmount', 'creditorName', 'creditorAccount', 'currency', 'debtorAccount');
    fc.assert(
      fc.property(member, odd, (name, value) => {
        fc.pre(name !== 'currency' && name !== 'debtorAccount' ? true : value !== undefined);
        expect(read({ ...GOOD, [name]: value })).toBeUndefined();
        const inAmount = { ...GOOD.instructedAmount, [name]: value };
        if (value !== undefined) expect(read({ ...GOOD, instructedAmount: inAmount })).toBeUndefined();
      }),
    );
  });

  it('is narrowed to itself and to no other payment [RFC9396-6]', () => {
    fc.assert(
      fc.property(payment, payment, (a, b) => {
        const granted = [{ ...read(a)!, consent_id: 'consent-1' }];
        expect(narrowDetails(granted, [read(a)!])).toEqual(granted);
        const same = JSON.stringify(read(a)) === JSON.stringify(read(b));
        if (!same) expect(() => narrowDetails(granted, [read(b)!])).toThrow(OAuthError);
      }),
    );
  });
});
