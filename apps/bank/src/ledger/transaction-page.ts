import type { Parameters } from '@holdfast/fapi';
import { refuse } from '@holdfast/fapi';

/** Which transactions are asked for. */
export interface TransactionPage {
  /** Booked at this moment or later. */
  readonly from?: Date;
  /** Booked at this moment or earlier. */
  readonly to?: Date;
  /** The transaction after which the previous page ended. */
  readonly cursor?: string;
  /** How many at most. */
  readonly limit: number;
}

/** Our choice, no clause. */
const DEFAULT_LIMIT = 50;
const HIGHEST_LIMIT = 200;

const DAY = 86_400_000;
const CALENDAR_DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;

/**
 * Reads `from`, `to`, `cursor` and `limit`. A bound is a calendar day, which counts whole, or a moment in UTC as in
 * RFC 3339.
 * @throws OAuthError `invalid_request` for anything else
 */
export function parseTransactionPage(query: Parameters): TransactionPage {
  const from = parseBound(query, 'from', 0);
  const to = parseBound(query, 'to', DAY - 1);
  if (from !== undefined && to !== undefined && from > to) throw malformed('from');
  const cursor = query.get('cursor');
  return {
    limit: parseLimit(query),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function parseLimit(query: Parameters): number {
  const text = query.get('limit');
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (/^[1-9]\d{0,3}$/.test(text) && limit <= HIGHEST_LIMIT) return limit;
  throw malformed('limit');
}

function parseBound(query: Parameters, name: 'from' | 'to', restOfDay: number): Date | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const isDay = CALENDAR_DAY.test(text);
  const bound = isDay || MOMENT.test(text) ? new Date(text) : undefined;
  // The parser rolls 30 February over into March; what comes back must be the day that was asked for.
  if (bound === undefined || Number.isNaN(bound.getTime()) || !bound.toISOString().startsWith(text.slice(0, 10)))
    throw malformed(name);
  return isDay ? new Date(bound.getTime() + restOfDay) : bound;
}

const malformed = (parameter: string) => refuse('invalid_request', 'parameter_malformed', { evidence: { parameter } });
