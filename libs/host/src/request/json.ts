import { JsonError, parseStrictJson } from '@holdfast/fapi';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';
import { bodyOf } from './body.ts';

const JSON_TYPE = /^application\/json(?: *; *charset="?utf-8"?)?$/i;

/**
 * The JSON body. Still untrusted: check its shape before use.
 *
 * @throws OAuthError `invalid_request` for another content type, broken UTF-8, repeated member names or malformed JSON
 */
export function jsonOf(request: FastifyRequest): unknown {
  const body = bodyOf(request, JSON_TYPE);
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refuseHere(request, 'invalid_request', 'body_malformed', { problem: error.message });
  }
}
