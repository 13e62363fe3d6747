import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';

/** What carries the raw headers; Fastify's request, or Node's own. */
type Carrier = Pick<FastifyRequest, 'raw'>;

/**
 * Every value of one header, in the order sent. Read from the raw list, because Node keeps the first of some repeated
 * headers and joins others with a comma, so that a second value is either invisible or looks like part of the first.
 *
 * @param name lower case
 */
export function headerValues(request: Carrier, name: string): readonly string[] {
  const { rawHeaders } = request.raw;
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/** All Authorization headers as sent, in order: two of them must be seen to be refused. */
export function authorizationOf(request: FastifyRequest): readonly string[] {
  return headerValues(request, 'authorization');
}

/** The name of the header that joins one exchange across systems. */
export const INTERACTION_HEADER = 'x-fapi-interaction-id';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const interactions = new WeakMap<IncomingMessage, string>();

/**
 * `x-fapi-interaction-id` of this exchange: the caller's when it is exactly one UUID, otherwise one made here. Anything
 * else a caller puts there is dropped, because the value goes into the answer, the log and the audit trail.
 */
export function interactionOf(request: FastifyRequest): string {
  const known = interactions.get(request.raw);
  if (known !== undefined) return known;
  const [sent, ...more] = headerValues(request, INTERACTION_HEADER);
  const id = sent !== undefined && more.length === 0 && UUID.test(sent) ? sent : randomUUID();
  interactions.set(request.raw, id);
  return id;
}
