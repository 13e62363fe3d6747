/** Every number of this application, with where it comes from. */

const seconds = (n: number): number => n * 1000;
const minutes = (n: number): number => seconds(60 * n);
const hours = (n: number): number => minutes(60 * n);
const days = (n: number): number => hours(24 * n);

/** All times in milliseconds. */
export const PROFILE = {
  // Our choice, no clause: 256 bits cannot be guessed, and nothing is gained by less.
  sessionIdBits: 256,
  // Our choice, no clause: there is no password to come back with, so a day of rest is allowed …
  sessionIdle: hours(24),
  // … but the browser that linked a bank a month ago is not asked to be the same person forever.
  sessionAbsolute: days(30),
  // Our choice, no clause: a row is written at most once a minute however often a page is opened.
  sessionTouchEvery: minutes(1),

  // Our choice, no clause: a person needs time to log in and read the consent; FAPI leaves it to the client.
  linkAttemptLifetime: minutes(15),
  // RFC6749-4.1.1, OIDC-CORE-3.1.2.1: unguessable; 256 bits.
  stateBits: 256,
  nonceBits: 256,

  // Our choice, no clause: a token this close to its end may die on the way to the bank.
  accessTokenMargin: seconds(20),
  // RFC6749-5.1: `expires_in` may be missing; then we assume little rather than much.
  accessTokenLifetimeUnstated: seconds(60),
  // Our choice, no clause: an ID token is fresh when it is fetched with a code of at most a minute.
  idTokenMaxAge: minutes(10),
  clockSkew: seconds(30),

  // Our choice, no clause: beyond this a person has gone elsewhere.
  callTimeout: seconds(8),
  // Our choice, no clause: a page is made of several calls; a person waits this long for all of them.
  pageTimeout: seconds(15),
  // Our choice, no clause: calls of one page to the bank that run at the same time.
  callsAtOnce: 6,
  // Our choice, no clause: a page of a year's transactions is well under a tenth of this.
  answerBytes: 1_000_000,

  // Our choice, no clause: discovery is retried quickly at first, then calmly, and renewed now and then.
  discoveryRetryFirst: seconds(0.5),
  discoveryRetryLongest: seconds(15),
  discoveryRenewEvery: hours(1),

  // Our choice, no clause: how many answers of the bank are joined to one page of ours.
  transactionPages: 12,

  // Our choice, no clause: pages and form posts of one address within a minute; a person does not come near it.
  requestsPerMinute: 600,

  // Our choice, no clause: how often expired visits are cleared away and their access withdrawn.
  sweepEvery: minutes(5),
  // Our choice, no clause: after this the bank has ended the access by itself, and there is nothing left to withdraw.
  withdrawFor: days(90),
} as const;
