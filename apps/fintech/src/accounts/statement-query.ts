import type { Values } from '../session/single-values.ts';
import type { Flow, Period, StatementQuery } from './statement.ts';
import { FLOWS, PERIODS } from './statement.ts';

const MAX_SEARCH = 80;
const MAX_CURSOR = 500;

/** Reads what a person asked to see. What cannot be understood falls back to showing more, never to an error. */
export function readStatementQuery(values: Values | undefined): StatementQuery {
  const flow = values?.get('flow');
  const period = values?.get('period');
  const cursor = values?.get('cursor');
  return {
    search: (values?.get('search') ?? '').trim().slice(0, MAX_SEARCH),
    flow: FLOWS.find((each): each is Flow => each === flow) ?? 'all',
    period: PERIODS.find((each): each is Period => each === period) ?? '30',
    cursor: cursor === undefined || cursor === '' || cursor.length > MAX_CURSOR ? undefined : cursor,
  };
}
