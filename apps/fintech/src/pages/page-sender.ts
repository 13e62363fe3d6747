import { sendPage } from '@holdfast/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Discovery } from '../authorization-server/discovery.ts';
import type { Formatter } from '../i18n/format.ts';
import { createFormatter } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import { LANGUAGES, catalogue, negotiateLanguage } from '../i18n/language.ts';
import { languageCookieOf } from '../session/cookies.ts';
import { csrfToken } from '../session/csrf-token.ts';
import type { Visit } from '../session/visits.ts';
import type { AssetUrls, PageContext } from './page-context.ts';

/** What a page component makes; turned into text here. */
type Rendered = { toString(): string | Promise<string> };

export interface PageSenderParts {
  readonly assets: AssetUrls;
  readonly bank: string;
  readonly timeZone: string;
  /** Knows where a link form leads to in the end. */
  readonly discovery: Pick<Discovery, 'loginOrigin'>;
}

/** Makes pages for whoever is asking, in their language, and sends them. */
export class PageSender {
  readonly #parts: PageSenderParts;
  readonly #formats: Readonly<Record<Language, Formatter>>;

  constructor(parts: PageSenderParts) {
    this.#parts = parts;
    const formats = LANGUAGES.map((language) => [
      language,
      createFormatter(catalogue(language).locale, parts.timeZone),
    ]);
    this.#formats = Object.fromEntries(formats) as Record<Language, Formatter>;
  }

  language(request: FastifyRequest): Language {
    return negotiateLanguage(languageCookieOf(request), request.headers['accept-language']);
  }

  /** @param visit absent on pages that belong to nobody; then they carry no form */
  context(request: FastifyRequest, visit: Visit | undefined): PageContext {
    const language = this.language(request);
    return {
      language,
      text: catalogue(language),
      format: this.#formats[language],
      assets: this.#parts.assets,
      bank: this.#parts.bank,
      csrf: visit === undefined ? undefined : csrfToken(visit.session.secret),
      path: returnPath(request),
      linked: visit?.link !== undefined,
    };
  }

  send(reply: FastifyReply, page: Rendered, status = 200): void {
    // With `no-referrer` a browser sends `Origin: null` even to ourselves, and the check of it would be worth nothing;
    // `same-origin` tells other sites just as little.
    reply.header('referrer-policy', 'same-origin');
    reply.header('vary', 'accept-language, cookie');
    sendPage(reply, { status, html: toHtml(page), csp: this.#csp() });
  }

  #csp(): string {
    return pageCsp(this.#parts.discovery.loginOrigin);
  }
}

/**
 * Own stylesheet and pictures, no script at all, never in a frame.
 * @param loginOrigin where the bank's login page is: a link form posts to us and is sent on to there, and browsers hold
 *   `form-action` against both
 */
export function pageCsp(loginOrigin?: string): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action 'self'${loginOrigin === undefined ? '' : ` ${loginOrigin}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

export const toHtml = (page: Rendered): string => `<!doctype html>${String(page)}`;

/** Pages a person may be sent back to. */
const RETURNABLE = /^\/(?:accounts(?:\/[\w.~%-]+)?|connection)?(?:\?|$)/;

/** The path of this page, if it can be gone back to: a callback's address holds a code, which no form should repeat. */
function returnPath(request: FastifyRequest): string {
  return request.method === 'GET' && isReturnPath(request.url) ? request.url : '/';
}

/** Whether a path leads to a page of ours, and so nowhere else. */
export const isReturnPath = (path: string): boolean => path.length <= 1000 && RETURNABLE.test(path);
