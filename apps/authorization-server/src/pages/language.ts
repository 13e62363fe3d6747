import { cookieOf, setCookie } from '@holdfast/host';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Language = 'en' | 'ja';

const COOKIE = 'language';
const ONE_YEAR = 365 * 24 * 3600;

/**
 * The language of a page: what the person chose with the switch (and it is remembered), what they chose before, what the
 * client suggests (OIDC-CORE-3.1.2.1 `ui_locales`), what the browser prefers, else English.
 */
export function languageOf(request: FastifyRequest, reply: FastifyReply, suggested: readonly string[] = []): Language {
  const chosen = asLanguage(new URLSearchParams((request.raw.url ?? '').split('?')[1]).get('lang') ?? undefined);
  if (chosen !== undefined) {
    setCookie(reply, COOKIE, chosen, { sameSite: 'lax', maxAge: ONE_YEAR });
    return chosen;
  }
  return knownLanguage(request, suggested);
}

/** The same, without looking at the switch. */
export function knownLanguage(request: FastifyRequest, suggested: readonly string[] = []): Language {
  const preferred = (request.headers['accept-language'] ?? '').split(',').map((range) => range.split(';')[0]?.trim());
  return [cookieOf(request, COOKIE), ...suggested, ...preferred].map(asLanguage).find((it) => it !== undefined) ?? 'en';
}

function asLanguage(tag: string | undefined): Language | undefined {
  const primary = tag?.toLowerCase().split('-')[0];
  return primary === 'en' || primary === 'ja' ? primary : undefined;
}
