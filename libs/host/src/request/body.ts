import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';
import { headerValues } from './headers.ts';

const READ_AS_BYTES = ['application/x-www-form-urlencoded', 'application/json'];

/**
 * Takes away every parser that would turn a body into an object behind our back. Two types of body are read at all, as
 * bytes; `formOf` and `jsonOf` decide what they mean.
 */
export function readBodiesAsBytes(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(READ_AS_BYTES, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
}

/**
 * The bytes of the body, when its one content type is the expected one.
 * @throws OAuthError `invalid_request` otherwise
 */
export function bodyOf(request: FastifyRequest, expected: RegExp): Buffer {
  const [type, ...more] = headerValues(request, 'content-type');
  // A compressed body would be read as it is by us and unpacked by a proxy that checks it: two readers, two bodies.
  const plain = headerValues(request, 'content-encoding').length === 0;
  if (type === undefined || more.length > 0 || !plain || !expected.test(type) || !Buffer.isBuffer(request.body))
    throw refuseHere(request, 'invalid_request', 'body_wrong_type');
  return request.body;
}
