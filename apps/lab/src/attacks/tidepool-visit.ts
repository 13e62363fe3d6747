import type { RealStack } from '../real/real-stack.ts';
import type { Arrival, Browser } from '../wire/browser.ts';
import { describeArrival, errorCodeOf, offers } from '../wire/browser.ts';
import type { Exchange } from '../wire/https-call.ts';

/** Presses the fintech's own button and follows to the page of the bank: its login, or its question. */
export async function beginLink(browser: Browser, real: RealStack): Promise<Arrival> {
  const page = await browser.press(await browser.open(`${real.fintechUrl}/`), 'link-bank');
  if (!offers(page, 'submit-login') && !offers(page, 'consent-approve'))
    throw new Error(`the fintech did not lead to the bank: ${describeArrival(page)}`);
  return page;
}

/** The answer as the person saw it, with the error code of the page in it. */
export function asPage(arrival: Arrival): Exchange {
  const { exchange } = arrival;
  const error = errorCodeOf(arrival);
  return error === undefined || exchange.answer.kind !== 'http'
    ? exchange
    : { ...exchange, answer: { ...exchange.answer, error } };
}
