import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { narrowDetails, parseIssuedDetails, parseRequestedDetails } from './authorization-details.ts';
import type { AuthorizationDetail } from './authorization-details.ts';

const TYPES = [{ type: 'payment_initiation', actions: ['initiate', 'status'], locations: ['https://bank.test'] }];
const GOOD = {
  type: 'payment_initiation',
  actions: ['initiate'],
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
  creditorAccount: { iban: 'DE02100100109307118603' },
  remittanceInformationUnstructured: 'Invoice 4711',
};
const parse = (changes: object): readonly AuthorizationDetail[] =>
  parseRequestedDetails(JSON.stringify([{ ...GOOD, ...changes }]), TYPES);

function refused(work: () => unknown, reason: string): void {
  let error: unknown;
  try {
    work();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(OAuthError);
  expect(error).toMatchObject({ code: 'invalid_authorization_details', reason });
}

describe('a payment is refused', () => {
  it.each([
    '10',
    '10.0',
    '10.000',
    '0.00',
    '-10.00',
    '+10.00',
    '1e1',
    '10,00',
    '010.00',
    ' 10.00',
    'NaN',
    '99999999999.00',
    10,
    10.5,
    null,
    {},
  ])('with the amount %j [RFC9396-5]', (amount) =>
    refused(() => parse({ instructedAmount: { currency: 'EUR', amount } }), 'authorization_details_malformed'),
  );

  it.each(['eur', 'EURO', '', '978', null])('with the currency %j [RFC9396-5]', (currency) =>
    refused(() => parse({ instructedAmount: { currency, amount: '1.00' } }), 'authorization_details_malformed'),
  );

  it.each([
    ['a check digit that is wrong', { creditorAccount: { iban: 'DE03100100109307118603' } }],
    ['spaces in the account', { creditorAccount: { iban: 'DE02 1001 0010 9307 1186 03' } }],
    ['lower case in the account', { creditorAccount: { iban: 'de02100100109307118603' } }],
    ['an account that is a list', { creditorAccount: ['DE02100100109307118603'] }],
    ['a second account', { creditorAccount: { iban: 'DE02100100109307118603', bban: '1' } }],
    ['no creditor', { creditorName: undefined }],
    ['a name of spaces', { creditorName: '   ' }],
    ['a name that turns the line round', { creditorName: 'Merchant \u202eA' }],
    ['a name with an invisible part', { creditorName: 'Mer\u200bchant' }],
    ['a name of signs that take no place', { creditorName: '\u3164\u3164' }],
    ['a name with half a pair of UTF-16', { creditorName: 'Merchant \ud800' }],
    ['a name with a line break of Unicode', { creditorName: 'Merchant\u2028A' }],
    ['a name with a line break', { creditorName: 'Merchant\nA' }],
    ['a name that pushes the amount off the page', { creditorName: 'x'.repeat(71) }],
    ['an over-long reference', { remittanceInformationUnstructured: 'x'.repeat(141) }],
    ['an amount beside the amount', { amount: '1.00' }],
    ['a debtor of its own', { debtorAccount: { iban: 'DE02100100109307118603' } }],
    ['an amount with a second currency', { instructedAmount: { currency: 'EUR', amount: '1.00', currency2: 'USD' } }],
  ])('with %s [RFC9396-5]', (_, changes) => refused(() => parse(changes), 'authorization_details_malformed'));

  it.each<[string, object]>([
    ['amount', { instructedAmount: { currency: 'EUR', amount: '12350.00' } }],
    ['currency', { instructedAmount: { currency: 'USD', amount: '123.50' } }],
    ['creditor', { creditorName: 'Mallory' }],
    ['account', { creditorAccount: { iban: 'GB33BUKB20201555555555' } }],
    ['reference', { remittanceInformationUnstructured: 'Another' }],
    ['reference, left out', { remittanceInformationUnstructured: undefined }],
  ])('when a token is asked for with another %s than was agreed to [RFC9396-6]', (_, changes) =>
    refused(() => narrowDetails(parse({}), parse(changes)), 'authorization_details_widened'),
  );
});

describe('a payment', () => {
  it('is read as it was written, to the character [RFC9396-2]', () => {
    expect(parse({})).toEqual([{ ...GOOD, locations: ['https://bank.test'] }]);
  });

  it('may be asked for at the token endpoint as it was agreed to [RFC9396-6]', () => {
    expect(narrowDetails(parse({}), parse({}))).toEqual(parse({}));
  });

  it('is read out of a token whole, and permits nothing when a part of it is unsound [RFC9396-9.1]', () => {
    const [issued] = parse({});
    expect(parseIssuedDetails([issued])).toEqual([issued]);
    expect(parseIssuedDetails([{ ...issued, instructedAmount: { currency: 'EUR' } }])).toEqual([]);
  });
});
