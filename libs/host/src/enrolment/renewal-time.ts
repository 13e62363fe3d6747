/*
 * Our choice, no clause. A certificate is renewed at two thirds of its life: at an authority that is away for the last third
 * everybody still has a valid certificate. The jitter keeps processes that were started together from asking together.
 */
const RENEW_AFTER = 2 / 3;
const JITTER = 1 / 10;

/** Milliseconds until the first and until every later attempt after a failure, at most. Our choice, no clause. */
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60_000;

/**
 * When a certificate is to be renewed.
 * @param fraction a random number from 0 (included) to 1, drawn once for each certificate
 */
export function renewalTime({ notBefore, notAfter }: { notBefore: Date; notAfter: Date }, fraction: number): Date {
  const life = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + life * (RENEW_AFTER - JITTER * fraction));
}

/**
 * How long to wait after failures in a row, in milliseconds: doubled each time.
 * @param failures one or more
 * @param fraction a random number from 0 to 1: half of the time is left to chance
 */
export function retryDelay(failures: number, fraction: number): number {
  const whole = Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY);
  return whole * (1 - fraction / 2);
}
