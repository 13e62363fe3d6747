import { parseStrictJson } from '../strict-json.ts';

/**
 * Whether a text is a JWS in its compact form, in the one spelling it has: three parts of base64url, header and payload strict JSON
 * objects. RFC7515-7.1, RFC7515-2, RFC7515-4, RFC7519-4.
 *
 * The library that verifies is more generous. It passes over padding, white space and the unused bits of a last character, so that
 * one token has many texts, each with a valid signature: whoever remembers tokens by their text meets an old one as a new one. And
 * of a member that stands twice it takes the last, where the next reader takes the first. An empty signature is left to that
 * library, which refuses the algorithm that goes with it.
 */
export function isCompactJws(text: string): boolean {
  const parts = text.split('.');
  const [header = '', payload = ''] = parts;
  return parts.length === 3 && parts.every(isBase64Url) && isStrictObject(header) && isStrictObject(payload);
}

/** RFC4648-3.5: what decodes and encodes to the same text again. */
const isBase64Url = (part: string): boolean => Buffer.from(part, 'base64url').toString('base64url') === part;

function isStrictObject(part: string): boolean {
  try {
    const value = parseStrictJson(Buffer.from(part, 'base64url'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
