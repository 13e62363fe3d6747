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
    const sent = rawHeaders[i] ?? '';
    // Most names differ in length already, and need no copy in lower case.
    if (sent.length === name.length && sent.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/** All Authorization headers as sent, in order: two of them must be seen to be refused. */
export function authorizationOf(request: FastifyRequest): readonly string[] {
  return headerValues(request, 'authorization');
}

/** All DPoP headers as sent, in order. RFC9449-4.3-1: exactly one is right, and Node would join two into one text. */
export function dpopOf(request: FastifyRequest): readonly string[] {
  return headerValues(request, 'dpop');
}

/** The header that tells a client the nonce of its next proof. RFC9449-8.1. */
export const DPOP_NONCE_HEADER = 'dpop-nonce';

/** The name of the header that joins one exchange across systems. */
export const INTERACTION_HEADER = 'x-fapi-interaction-id';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const interactions = new WeakMap<IncomingMessage, string>();

/**
 * FAPI1-BASE-6.2.1-11 [POL-11] [RS-33]. `x-fapi-interaction-id` of this exchange: the caller's when it is exactly one
 * UUID, otherwise one made here. Anything else a caller puts there is dropped, because the value goes into the answer,
 * the log and the audit trail.
 */
export function interactionOf(request: FastifyRequest): string {
  const known = interactions.get(request.raw);
  if (known !== undefined) return known;
  const [sent, ...more] = headerValues(request, INTERACTION_HEADER);
  const id = sent !== undefined && more.length === 0 && UUID.test(sent) ? sent : randomUUID();
  interactions.set(request.raw, id);
  return id;
}
