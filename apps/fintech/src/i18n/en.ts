/**
 * Every sentence a person reads, in English. `ja.ts` is its twin: the compiler refuses a missing or extra line there.
 * Plain words, short sentences; no jargon outside the disclosure "How this is protected".
 */
export const en = {
  locale: 'en-GB',
  languageName: 'English',
  brandLine: 'A calm view of your accounts',
  skipToContent: 'Skip to content',
  colon: ': ',

  nav: {
    label: 'Main',
    accounts: 'Accounts',
    connection: 'Connection',
    switchLanguage: (name: string) => `Show this page in ${name}`,
  },

  footer: {
    example: 'Tidepool is the example fintech of Holdfast. The bank, the people and the money are invented.',
    forgetDevice: 'Forget this device',
  },

  welcome: {
    title: 'Welcome',
    headline: 'See right to the bottom.',
    lede: (bank: string) =>
      `Tidepool shows your accounts at ${bank} in one calm place. You log in at the bank, you choose what to share, and you can take it back at any time.`,
    link: (bank: string) => `Link ${bank}`,
    next: (bank: string) => `You will continue at ${bank} and come back here.`,
    notYet: 'The bank’s login service cannot be reached yet. Tidepool keeps trying; linking will work once it answers.',
    picture: 'A chart of a tide pool seen from above, its depth drawn in contour lines',
    pointsTitle: 'How linking works',
    points: (bank: string) => [
      { title: 'You log in at your bank', body: `Your password is typed at ${bank}. It never reaches Tidepool.` },
      {
        title: 'You choose what to share',
        body: 'Pick the accounts. Tidepool can look at them; it cannot move money.',
      },
      { title: 'You can let go', body: 'Unlink with one click. The bank is told first, then Tidepool forgets.' },
    ],
  },

  notices: {
    linked: 'Your bank is linked.',
    unlinked: 'Unlinked. The bank no longer accepts Tidepool’s access, and Tidepool has forgotten it.',
    forgotten: 'This device is forgotten. Any access Tidepool had from here is being withdrawn at the bank.',
    declined: 'Nothing was shared. You said no at the bank, and that is fine.',
    unlink_failed:
      'The bank could not be told, so nothing was changed: the link is still there. Please try again in a moment.',
  },

  accounts: {
    title: 'Accounts',
    total: 'Altogether',
    totalNote: 'Booked balances, card debts already taken off.',
    empty: 'The bank shares no account with Tidepool. Link again and pick at least one.',
    available: (amount: string) => `${amount} available`,
    balanceMissing: 'Balance not shared',
    asOf: (moment: string) => `As of ${moment}`,
    ending: (digits: string) => `ending ${digits}`,
    openedOn: (day: string) => `Open since ${day}`,
    types: { current: 'Current account', savings: 'Savings', card: 'Card' },
  },

  account: {
    back: 'All accounts',
    booked: 'Booked',
    available: 'Available',
    transactions: 'Transactions',
    search: 'Search',
    searchHint: 'Shop, person or note',
    flow: 'Show',
    flows: { all: 'In and out', in: 'Money in', out: 'Money out' },
    period: 'Period',
    periods: { '30': 'Last 30 days', '90': 'Last 90 days', '365': 'Last 12 months' },
    apply: 'Apply',
    reset: 'Clear',
    none: 'No transactions in this period.',
    noneMatching: 'No transaction matches. Try another word or a longer period.',
    notShared: 'You did not share the transactions of this account.',
    count: (n: number) => (n === 1 ? '1 transaction' : `${n} transactions`),
    moneyIn: 'In',
    moneyOut: 'Out',
    balanceAfter: (amount: string) => `Balance ${amount}`,
    earlier: 'Earlier transactions',
    latest: 'Back to the latest',
    tide: 'The tide of this account',
    tideSummary: (low: string, lowDay: string, high: string, highDay: string) =>
      `Low water ${low} on ${lowDay}, high water ${high} on ${highDay}.`,
  },

  categories: {
    opening: 'Opening balance',
    salary: 'Income',
    housing: 'Home',
    utilities: 'Utilities',
    groceries: 'Groceries',
    transport: 'Transport',
    eating_out: 'Eating out',
    subscriptions: 'Subscriptions',
    shopping: 'Shopping',
    health: 'Health',
    leisure: 'Leisure',
    travel: 'Travel',
    refund: 'Refund',
    interest: 'Interest',
    fees: 'Fees',
    transfer: 'Transfer',
    other: 'Other',
  },

  connection: {
    title: 'Connection',
    intro: (bank: string) => `What Tidepool may see at ${bank}, since when, and how to end it.`,
    bank: 'Bank',
    state: 'State',
    active: 'Active',
    ended: (day: string) => `Ended on ${day}`,
    since: 'Linked',
    grantedUntil: 'Permission of the bank ends',
    grantedUntilNote: 'At the latest. You can end it earlier, here or at the bank.',
    until: 'Tidepool lets go',
    untilNote: (bank: string) =>
      `Your visit to Tidepool ends at the latest then. It withdraws the access at ${bank}, even if the permission would last longer.`,
    renewed: 'Access last renewed',
    shared: 'You share',
    sharedAccounts: (n: number) => (n === 1 ? 'One account' : `${n} accounts`),
    actions: {
      list_accounts: 'Names and numbers of the accounts',
      read_balances: 'Balances',
      read_transactions: 'Transactions',
    },
    lookOnly: 'Look only: Tidepool cannot pay or change anything.',
    protectedTitle: 'How this is protected',
    protectedIntro:
      'Tidepool calls the bank over mutual TLS. The bank’s access tokens work only on connections made with this certificate, so a stolen token is useless to anybody else.',
    thumbprint: 'Certificate thumbprint (x5t#S256)',
    tokenThumbprint: 'The current token is bound to',
    tokenRenewal: 'another certificate; it is renewed at the next visit',
    subject: 'Certificate subject',
    validUntil: 'Certificate valid until',
    protections: [
      'The request went to the bank directly, before your browser left (PAR). The address bar held nothing to edit.',
      'The answer was tied to this browser, to one attempt and to this bank (state, nonce, iss, PKCE).',
      'Tokens stay on Tidepool’s server, encrypted. Your browser holds only a random session number.',
    ],
    unlinkTitle: 'Unlink',
    unlinkBody: (bank: string) =>
      `Tidepool asks ${bank} to withdraw the access, and forgets everything it holds. Your accounts are not affected.`,
    unlink: (bank: string) => `Unlink ${bank}`,
    unlinkSure: 'Yes, unlink',
    forgetTitle: 'Forget this device',
    forgetBody: 'Ends this visit and withdraws the access. Use it on a computer that is not yours.',
    linkAgain: 'Link again',
  },

  problems: {
    bank_unreachable: {
      title: 'The bank cannot be reached',
      body: 'The bank does not answer at the moment. Your link is safe; the accounts will be back when the bank is.',
    },
    bank_answer_unusable: {
      title: 'The bank’s answer made no sense',
      body: 'What came back was not what was agreed, so Tidepool shows nothing rather than something wrong. Please try again later.',
    },
    login_service_unreachable: {
      title: 'The bank’s login service cannot be reached yet',
      body: 'Linking is not possible at the moment. Tidepool keeps trying in the background; please try again shortly.',
    },
    login_service_refused: {
      title: 'The bank’s login service said no',
      body: 'It did not accept the request. This is not your fault, and nothing was shared.',
    },
    tidepool_not_recognised: {
      title: 'The bank does not recognise Tidepool',
      body: 'Tidepool could not prove who it is. The people who run it have to look at its certificate. Your link is kept.',
    },
    link_refused: {
      title: 'The link was not completed',
      body: 'The answer that came back did not belong to a request from this browser, or did not pass Tidepool’s checks. Nothing was linked.',
    },
    connection_ended: {
      title: 'The connection has ended',
      body: 'The bank no longer accepts this access: it was withdrawn or has run out. Link again if you would like to go on.',
    },
    not_shared: { title: 'Not shared', body: 'You did not share this with Tidepool.' },
    account_unknown: {
      title: 'No such account',
      body: 'This account does not exist, or it is not shared with Tidepool.',
    },
    request_forged: {
      title: 'Please try that again',
      body: 'The request did not come from a current page of this browser, so nothing was done. Open the page again and repeat it.',
    },
    too_many_attempts: {
      title: 'One moment, please',
      body: 'There were many attempts in a short time. Wait a minute and try again.',
    },
    page_unknown: { title: 'Nothing lives here', body: 'This page does not exist.' },
    unexpected: { title: 'Something went wrong', body: 'The fault is on Tidepool’s side. Nothing was changed.' },
  },
  problemHelp: {
    home: 'Go to the start',
    accounts: 'Back to the accounts',
    connection: 'See the connection',
    retry: 'Try again',
    reason: 'Reason',
    reference: 'Reference',
  },
};

/** The words of one language. */
export type Catalogue = typeof en;
