import type { FastifyReply, FastifyRequest } from 'fastify';
import { malformed, RequestRefused } from './request-refused.ts';

// Bodies travel as base64, line breaks or not, whatever the header about it says. RFC8951-3.

const PKCS10 = /^application\/pkcs10$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The DER in the body of an enrolment. RFC7030-4.2.1.
 * @throws RequestRefused 415 for another type of body, 400 for one that is not base64
 */
export function readPkcs10Body({ headers, body }: FastifyRequest): Buffer {
  if (
    !PKCS10.test(headers['content-type'] ?? '') ||
    headers['content-encoding'] !== undefined ||
    !Buffer.isBuffer(body)
  )
    throw new RequestRefused(415, 'body_wrong_type', 'send a PKCS#10 request as application/pkcs10');
  const text = body.toString('latin1').replaceAll(/[ \t\r\n]/g, '');
  if (text === '' || !BASE64.test(text)) throw malformed('body_not_base64', 'the body is not base64');
  return Buffer.from(text, 'base64');
}

/** Sends DER as RFC7030-4.1.3 and RFC7030-4.2.3 want it. */
export function sendBase64(reply: FastifyReply, type: string, der: Buffer): void {
  const lines = der.toString('base64').replaceAll(/.{76}/g, '$&\n');
  void reply
    .code(200)
    .header('content-type', type)
    .header('content-transfer-encoding', 'base64')
    .header('cache-control', 'no-store')
    .send(lines);
}

export const CERTS_ONLY = 'application/pkcs7-mime; smime-type=certs-only';
