import { fastifyCookie as cookie } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerValues } from '../request/headers.ts';

export interface CookieOptions {
  readonly sameSite: 'strict' | 'lax';
  /** Seconds; a session cookie when absent. */
  readonly maxAge?: number;
}

// A `__Host-` cookie is accepted by browsers only when it is Secure, for the whole host and without Domain: a neighbour on
// a sibling name cannot plant one.
const PREFIX = '__Host-';

/**
 * Value of the `__Host-<name>` cookie; undefined when absent, or when sent more than once: a second value is somebody's
 * attempt to have one reader see the first and another the last.
 */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const wanted = `${PREFIX}${name}=`;
  const values = headerValues(request, 'cookie')
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(wanted));
  const [only, ...more] = values;
  return only === undefined || more.length > 0 ? undefined : cookie.parse(only)[`${PREFIX}${name}`];
}

/** Sets `__Host-<name>`: Secure, HttpOnly, whole host, no Domain. */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  append(reply, name, value, options);
}

/** Takes `__Host-<name>` away from the browser. */
export function clearCookie(reply: FastifyReply, name: string): void {
  append(reply, name, '', { sameSite: 'strict', maxAge: 0 });
}

function append(reply: FastifyReply, name: string, value: string, { sameSite, maxAge }: CookieOptions): void {
  const attributes = { path: '/', secure: true, httpOnly: true, sameSite, ...(maxAge === undefined ? {} : { maxAge }) };
  // Fastify appends to Set-Cookie, so several cookies can be set in one answer.
  reply.header('set-cookie', cookie.serialize(PREFIX + name, value, attributes));
}
