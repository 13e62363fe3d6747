import type { FastifyReply, FastifyRequest } from 'fastify';

export interface CookieOptions {
  readonly sameSite: 'strict' | 'lax';
  /** Seconds; a session cookie when absent. */
  readonly maxAge?: number;
}

/** Value of the `__Host-` cookie of this name; undefined when absent or sent more than once. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  throw new Error(`${request.id} ${name}: not built yet`);
}

/** Sets `__Host-<name>`: Secure, HttpOnly, whole host, no Domain. */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  throw new Error(`${reply.statusCode} ${name} ${value} ${options.sameSite}: not built yet`);
}

export function clearCookie(reply: FastifyReply, name: string): void {
  throw new Error(`${reply.statusCode} ${name}: not built yet`);
}
