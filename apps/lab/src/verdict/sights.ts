import type { Arrival } from '../wire/browser.ts';
import { describeArrival, errorCodeOf } from '../wire/browser.ts';
import type { Exchange } from '../wire/https-call.ts';
import { describeAnswer } from '../wire/wire-answer.ts';
import type { Seen } from './probe.ts';
import { seen } from './probe.ts';

/** A refusal as OAuth has it: this status, this error, and nothing besides it. */
export function refusedWith({ answer }: Exchange, status: number, ...errors: readonly string[]): Seen {
  const held =
    answer.kind === 'http' &&
    answer.status === status &&
    errors.includes(answer.error ?? '') &&
    answer.besides.length === 0;
  return seen(held, describeAnswer(answer));
}

/** A refusal in whatever way: a status of the 400s, and nothing that looks like a success. */
export function refusedSomehow({ answer }: Exchange): Seen {
  const held = answer.kind === 'http' && answer.status >= 400 && answer.status < 500 && answer.besides.length === 0;
  return seen(held, describeAnswer(answer));
}

export function succeeded({ answer }: Exchange, status = 200): Seen {
  return seen(answer.kind === 'http' && answer.status === status, describeAnswer(answer));
}

/** A local page that says no, with its marker, and leads nowhere. */
export function refusedOnPage(arrival: Arrival, ...codes: readonly string[]): Seen {
  const held = arrival.kind === 'page' && arrival.exchange.status >= 400 && codes.includes(errorCodeOf(arrival) ?? '');
  return seen(held, describeArrival(arrival));
}
