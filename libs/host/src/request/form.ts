import type { FormPairs } from '@holdfast/fapi';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';
import { bodyOf } from './body.ts';
import { targetOf } from './target.ts';
import { parseUrlencoded, UrlencodedError } from './urlencoded.ts';

const FORM = /^application\/x-www-form-urlencoded(?: *; *charset="?utf-8"?)?$/i;

/**
 * The urlencoded body as it came in: every pair, in order, nothing merged.
 *
 * RFC6749-B: OAuth forms are `application/x-www-form-urlencoded` in UTF-8. A JSON or multipart body would smuggle
 * arrays, objects and second values past rules that were written for pairs, so it is refused.
 *
 * @throws OAuthError `invalid_request` when the content type differs or the body is malformed
 */
export function formOf(request: FastifyRequest): FormPairs {
  return parse(request, bodyOf(request, FORM));
}

/**
 * The query as it came in: every pair, in order, nothing merged.
 * @throws OAuthError `invalid_request` when it is malformed
 */
export function queryOf(request: FastifyRequest): FormPairs {
  // Node hands the request target over as Latin-1, one character per byte.
  return parse(request, Buffer.from(targetOf(request).query ?? '', 'latin1'));
}

function parse(request: FastifyRequest, bytes: Uint8Array): FormPairs {
  try {
    return parseUrlencoded(bytes);
  } catch (error) {
    if (!(error instanceof UrlencodedError)) throw error;
    throw refuseHere(request, 'invalid_request', 'parameter_malformed', { problem: error.message });
  }
}
