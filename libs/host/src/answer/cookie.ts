import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerValues } from '../request/headers.ts';

export interface CookieOptions {
  readonly sameSite: 'strict' | 'lax';
  /** Seconds; a session cookie when absent. */
  readonly maxAge?: number;
}

// RFC6265bis-4.1.3.2: a `__Host-` cookie is accepted by browsers only when it is Secure, for the whole host and without Domain: a neighbour on
// a sibling name cannot plant one.
const PREFIX = '__Host-';

/**
 * Value of the `__Host-<name>` cookie; undefined when absent, or when sent more than once: a second value is somebody's
 * attempt to have one reader see the first and another the last.
 */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const wanted = `${PREFIX}${name}=`;
  const [only, ...more] = headerValues(request, 'cookie')
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(wanted));
  return only === undefined || more.length > 0 ? undefined : decode(only.slice(wanted.length));
}

/** Sets `__Host-<name>`: Secure, HttpOnly, whole host, no Domain. Our choice, no clause [AUTH-30]. */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  append(reply, name, value, options);
}

/** Takes `__Host-<name>` away from the browser. */
export function clearCookie(reply: FastifyReply, name: string): void {
  append(reply, name, '', { sameSite: 'strict', maxAge: 0 });
}

function append(reply: FastifyReply, name: string, value: string, { sameSite, maxAge }: CookieOptions): void {
  const lifetime = maxAge === undefined ? '' : `; Max-Age=${maxAge}`;
  // Fastify appends to Set-Cookie, so several cookies can be set in one answer.
  reply.header(
    'set-cookie',
    `${PREFIX}${name}=${encodeURIComponent(value)}${lifetime}; Path=/; HttpOnly; Secure; SameSite=${sameSite}`,
  );
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not a value we have set.
    return undefined;
  }
}
