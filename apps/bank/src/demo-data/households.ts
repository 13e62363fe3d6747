import type { Habit, Household } from './household.ts';

const CURRENT = 'current';
const SAVINGS = 'savings';
const CARD = 'card';
const EURO = 'euro';

const GROCERS = ['Corner Grocer', 'Market Hall Greens', 'The Weekly Basket', 'Quayside Bakery'] as const;
const TABLES = ['Kitchen Table Cafe', 'Noodle Counter', 'Harbour Steps Coffee', 'The Long Lunch'] as const;
const SHOPS = ['High Street Books', 'Plain Clothes Shop', 'Household & Garden', 'Parcel Post Shop'] as const;

const alice: Household = {
  customerId: 'cus-alice-7302',
  displayName: 'Alice',
  accounts: [
    account(CURRENT, 'Everyday account', '**** 4821', 'current', 'GBP', '2017-03-14', 262_250),
    account(SAVINGS, 'Rainy day savings', '**** 9036', 'savings', 'GBP', '2018-09-03', 642_000),
    account(CARD, 'Credit card', '**** **** **** 2219', 'card', 'GBP', '2020-01-20', -74_475, 250_000),
    account(EURO, 'Euro account', '**** 7750', 'current', 'EUR', '2022-05-11', 96_300),
  ],
  habits: [
    monthly(CURRENT, 25, 312_500, 'Lighthouse Instruments', 'Salary', 'salary'),
    monthly(CURRENT, 1, -108_000, 'Pier Street Lettings', 'Rent', 'housing'),
    monthly(CURRENT, 3, -9_480, 'Energy & Light Company', 'Electricity and gas', 'utilities'),
    monthly(CURRENT, 6, -3_150, 'Town Water Works', 'Water', 'utilities'),
    monthly(CURRENT, 12, -1_800, 'Mobile Line', 'Mobile contract', 'utilities'),
    { ...monthly(CURRENT, 26, -35_000, 'Own account', 'Standing order to savings', 'transfer'), into: SAVINGS },
    { ...monthly(CURRENT, 20, -12_500, 'Own account', 'Card payment', 'transfer'), into: CARD },
    sometimes(CURRENT, 34, [-5_890, -640], GROCERS, 'Groceries', 'groceries'),
    sometimes(CURRENT, 46, [-480, -240], ['Town Transport'], 'Single fare', 'transport'),
    weekly(CURRENT, 5, [-3_900, -1_150], TABLES, 'Dinner', 'eating_out'),
    monthly(CARD, 8, -1_099, 'Evening Film Club', 'Film subscription', 'subscriptions'),
    monthly(CARD, 17, -999, 'Daily Music Club', 'Music subscription', 'subscriptions'),
    sometimes(CARD, 11, [-6_400, -890], SHOPS, 'Purchase', 'shopping'),
    sometimes(CARD, 2, [1_250, 3_900], SHOPS, 'Refund', 'refund'),
    monthly(SAVINGS, 28, 1_120, 'Harbour Bank', 'Interest', 'interest'),
    monthly(EURO, 9, 42_000, 'Translation Bureau', 'Invoice paid', 'salary'),
    sometimes(EURO, 9, [-7_450, -320], ['Station Kiosk', 'Rail Across', 'Guesthouse by the Lake'], 'Travel', 'travel'),
  ],
};

const bob: Household = {
  customerId: 'cus-bob-4418',
  displayName: 'Bob',
  accounts: [
    account(CURRENT, 'Main account', '**** 1174', 'current', 'GBP', '2011-11-02', 271_640),
    account(SAVINGS, 'House deposit', '**** 6603', 'savings', 'GBP', '2019-04-29', 1_873_500),
    account(CARD, 'Travel card', '**** **** **** 5081', 'card', 'GBP', '2021-08-16', -61_920, 180_000),
  ],
  habits: [
    monthly(CURRENT, 28, 268_400, 'Tide Mill Workshops', 'Salary', 'salary'),
    monthly(CURRENT, 2, -86_500, 'Pier Street Lettings', 'Rent', 'housing'),
    monthly(CURRENT, 5, -7_325, 'Energy & Light Company', 'Electricity', 'utilities'),
    monthly(CURRENT, 10, -2_900, 'Broadband Works', 'Broadband', 'utilities'),
    monthly(CURRENT, 15, -3_499, 'Boulder Hall', 'Climbing membership', 'leisure'),
    { ...monthly(CURRENT, 27, -45_000, 'Own account', 'Standing order to savings', 'transfer'), into: SAVINGS },
    { ...monthly(CURRENT, 21, -10_500, 'Own account', 'Card payment', 'transfer'), into: CARD },
    sometimes(CURRENT, 30, [-4_950, -580], GROCERS, 'Groceries', 'groceries'),
    weekly(CURRENT, 1, [-2_600, -2_600], ['Town Transport'], 'Weekly pass', 'transport'),
    sometimes(CURRENT, 16, [-2_750, -410], TABLES, 'Lunch', 'eating_out'),
    monthly(CARD, 4, -1_199, 'Story Podcasts', 'Podcast subscription', 'subscriptions'),
    sometimes(
      CARD,
      7,
      [-8_900, -1_500],
      ['Regional Rail Tickets', 'Ferry Counter', 'Hillside Hostel'],
      'Trip',
      'travel',
    ),
    sometimes(CARD, 2, [900, 4_200], ['Regional Rail Tickets'], 'Refund', 'refund'),
    monthly(SAVINGS, 28, 3_260, 'Harbour Bank', 'Interest', 'interest'),
  ],
};

const mallory: Household = {
  customerId: 'cus-mallory-9155',
  displayName: 'Mallory',
  accounts: [
    account(CURRENT, 'Current account', '**** 3390', 'current', 'GBP', '2023-02-07', 163_180),
    account(CARD, 'Credit card', '**** **** **** 7742', 'card', 'GBP', '2023-02-07', -58_215, 120_000),
  ],
  habits: [
    monthly(CURRENT, 15, 224_000, 'Night Shift Computing', 'Salary', 'salary'),
    monthly(CURRENT, 1, -79_500, 'Pier Street Lettings', 'Rent', 'housing'),
    monthly(CURRENT, 7, -6_140, 'Energy & Light Company', 'Electricity', 'utilities'),
    monthly(CURRENT, 11, -4_200, 'Broadband Works', 'Broadband', 'utilities'),
    { ...monthly(CURRENT, 18, -9_500, 'Own account', 'Card payment', 'transfer'), into: CARD },
    sometimes(CURRENT, 28, [-4_100, -350], GROCERS, 'Groceries', 'groceries'),
    sometimes(CURRENT, 22, [-1_980, -420], TABLES, 'Takeaway', 'eating_out'),
    sometimes(CURRENT, 30, [-620, -240], ['Town Transport'], 'Single fare', 'transport'),
    monthly(CARD, 9, -1_599, 'Server Rental', 'Server subscription', 'subscriptions'),
    sometimes(CARD, 10, [-5_200, -700], ['Spare Parts Counter', 'High Street Books'], 'Purchase', 'shopping'),
    sometimes(CARD, 2, [800, 2_600], ['Spare Parts Counter'], 'Refund', 'refund'),
    monthly(CARD, 22, -395, 'Harbour Bank', 'Interest charged', 'fees'),
  ],
};

/** The customers of the demo. Every merchant and employer here is invented. */
export const HOUSEHOLDS: readonly Household[] = [alice, bob, mallory];

function account(
  key: string,
  displayName: string,
  maskedNumber: string,
  type: Household['accounts'][number]['type'],
  currency: 'GBP' | 'EUR',
  openedOn: string,
  openingBalance: number,
  creditLimit = 0,
): Household['accounts'][number] {
  return { key, displayName, maskedNumber, type, currency, openedOn, openingBalance, creditLimit };
}

function monthly(
  from: string,
  monthDay: number,
  amount: number,
  counterparty: string,
  description: string,
  category: Habit['category'],
): Habit {
  return {
    account: from,
    rhythm: { monthDay },
    amount: [amount, amount],
    counterparties: [counterparty],
    description,
    category,
  };
}

function weekly(
  from: string,
  weekday: number,
  amount: Habit['amount'],
  counterparties: Habit['counterparties'],
  description: string,
  category: Habit['category'],
): Habit {
  return { account: from, rhythm: { weekday }, amount, counterparties, description, category };
}

function sometimes(
  from: string,
  percentOfDays: number,
  amount: Habit['amount'],
  counterparties: Habit['counterparties'],
  description: string,
  category: Habit['category'],
): Habit {
  return { account: from, rhythm: { percentOfDays }, amount, counterparties, description, category };
}
