import { clearCookie, cookieOf, setCookie } from '@holdfast/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Language } from '../i18n/language.ts';
import { PROFILE } from '../profile.ts';
import type { Session } from './sessions.ts';

// On the wire both carry the prefix `__Host-`: Secure, whole host, no Domain, so that no neighbour can plant one.
const SESSION = 'tidepool';
const LANGUAGE = 'tidepool-language';

const ONE_YEAR_SECONDS = 365 * 24 * 3600;

export const sessionCookieOf = (request: FastifyRequest): string | undefined => cookieOf(request, SESSION);

/**
 * `Lax`, because the browser comes back from the bank by a link from another site and must bring the cookie along; a POST
 * from another site comes without it.
 */
export function setSessionCookie(reply: FastifyReply, session: Session): void {
  setCookie(reply, SESSION, session.secret, { sameSite: 'lax', maxAge: PROFILE.sessionAbsolute / 1000 });
}

export const clearSessionCookie = (reply: FastifyReply): void => clearCookie(reply, SESSION);

export const languageCookieOf = (request: FastifyRequest): string | undefined => cookieOf(request, LANGUAGE);

export function setLanguageCookie(reply: FastifyReply, language: Language): void {
  setCookie(reply, LANGUAGE, language, { sameSite: 'lax', maxAge: ONE_YEAR_SECONDS });
}
