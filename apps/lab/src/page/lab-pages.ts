import { createHash } from 'node:crypto';
import { queryOf, seeOther, sendPage } from '@holdfast/host';
import { NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CATALOGUE } from '../attacks/catalogue.ts';
import type { Attack } from '../run/attack.ts';
import type { Language } from '../run/text.ts';
import { AttackPage } from './attack-page.tsx';
import type { ClinicBoard } from './clinic-board.ts';
import { ClinicPage } from './clinic-page.tsx';
import { MessagePage } from './message-page.tsx';
import { OverviewPage } from './overview-page.tsx';
import { PAGE_WORDS } from './page-words.ts';
import type { PageView } from './page-view.ts';
import { link } from './page-view.ts';
import type { RunBoard } from './run-board.ts';
import type { VerdictBoard } from './verdict-board.ts';
import { VerdictPage } from './verdict-page.tsx';

/** Own stylesheet, no script, never in a frame. */
export const CSP = [
  "default-src 'none'",
  "style-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export interface LabPagesParts {
  readonly board: RunBoard;
  readonly verdicts: VerdictBoard;
  readonly clinic: ClinicBoard;
  /** What can be played here. */
  readonly attacks: readonly Attack[];
  /** Where browsers find the lab. */
  readonly origin: string;
  readonly styles: string;
}

type Rendered = { toString(): string | Promise<string> };

/** Turns the board into pages, and buttons into runs. */
export class LabPages {
  readonly #parts: LabPagesParts;
  readonly #stylesheet: string;

  constructor(parts: LabPagesParts) {
    this.#parts = parts;
    this.#stylesheet = `lab-${createHash('sha256').update(parts.styles).digest('hex').slice(0, 16)}.css`;
  }

  overview(request: FastifyRequest, reply: FastifyReply): void {
    this.#send(reply, OverviewPage({ view: this.#view(languageOf(request), '/') }));
  }

  /** @throws NotFoundException for an attack that does not exist */
  attack(id: string, request: FastifyRequest, reply: FastifyReply): void {
    const attack = CATALOGUE.find((each) => each.id.toLowerCase() === id);
    if (attack === undefined) throw new NotFoundException();
    this.#send(reply, AttackPage({ view: this.#view(languageOf(request), `/attacks/${id}`), attack }));
  }

  verdict(request: FastifyRequest, reply: FastifyReply): void {
    const view = { ...this.#view(languageOf(request), '/verdict'), board: this.#parts.verdicts };
    this.#send(reply, VerdictPage({ view }));
  }

  clinic(request: FastifyRequest, reply: FastifyReply): void {
    const view = { ...this.#view(languageOf(request), '/clinic'), board: this.#parts.clinic };
    this.#send(reply, ClinicPage({ view }));
  }

  /** Examines every patient. */
  examine(request: FastifyRequest, form: readonly (readonly [string, string])[], reply: FastifyReply): void {
    if (this.#isForged(request, reply)) return;
    const { board, verdicts, clinic } = this.#parts;
    if (!board.isRunning && !verdicts.isRunning) clinic.start();
    seeOther(reply, link({ language: languageNamed(new Map(form).get('language')) ?? 'en' }, '/clinic'));
  }

  /** Asks for one section, or all. One thing at a time: what an attack does would disturb what is asked. */
  ask(request: FastifyRequest, form: readonly (readonly [string, string])[], reply: FastifyReply): void {
    if (this.#isForged(request, reply)) return;
    const fields = new Map(form);
    const wanted = fields.get('section');
    const { board, clinic, verdicts } = this.#parts;
    if (!board.isRunning && !clinic.isRunning)
      verdicts.start(verdicts.sections.filter(({ prefix }) => wanted === 'all' || wanted === prefix));
    seeOther(reply, link({ language: languageNamed(fields.get('language')) ?? 'en' }, '/verdict'));
  }

  /** Plays one attack, or all. Another site's form does nothing: a visitor's browser must not be used to start runs. */
  run(request: FastifyRequest, form: readonly (readonly [string, string])[], reply: FastifyReply): void {
    if (this.#isForged(request, reply)) return;
    const fields = new Map(form);
    const wanted = fields.get('attack');
    const { board, clinic, verdicts, attacks } = this.#parts;
    if (!verdicts.isRunning && !clinic.isRunning)
      board.start(attacks.filter(({ id }) => wanted === 'all' || wanted === id));
    // Back to a page of ours only; what a form says is not where a browser is sent.
    const back = CATALOGUE.find(({ id }) => fields.get('back') === `/attacks/${id.toLowerCase()}`);
    const path = back === undefined ? '/' : `/attacks/${back.id.toLowerCase()}`;
    seeOther(reply, link({ language: languageNamed(fields.get('language')) ?? 'en' }, path));
  }

  /** @throws NotFoundException for anything but the stylesheet */
  asset(name: string, reply: FastifyReply): void {
    if (name !== this.#stylesheet) throw new NotFoundException();
    // The name changes with the content, so what a browser has is right for good.
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    void reply.header('content-type', 'text/css; charset=utf-8').send(this.#parts.styles);
  }

  /** What the host refuses by itself: an unknown path, an unreadable form, a fault of ours. */
  refusal(status: number, request: FastifyRequest): { status: number; html: string } {
    const message = status === 404 || status === 405 ? PAGE_WORDS.unknown : PAGE_WORDS.trouble;
    const view = this.#view(preferred(request), '/');
    return { status, html: toHtml(MessagePage({ view, message })) };
  }

  /** Answers the form of another site, or of nobody. */
  #isForged(request: FastifyRequest, reply: FastifyReply): boolean {
    if (request.headers.origin === this.#parts.origin) return false;
    const view = this.#view(preferred(request), '/');
    this.#send(reply, MessagePage({ view, message: PAGE_WORDS.forged }), 403);
    return true;
  }

  #view(language: Language, path: string): PageView {
    const { board, clinic, verdicts } = this.#parts;
    return {
      language,
      path,
      stylesheet: `/assets/${this.#stylesheet}`,
      playing: board.playing,
      asking: verdicts.asking,
      examining: clinic.examining,
      away: board.away,
      resultOf: (attack) => board.resultOf(attack),
    };
  }

  #send(reply: FastifyReply, page: Rendered, status = 200): void {
    // With `no-referrer` browsers send `Origin: null` even to ourselves, and its check would be worth nothing.
    reply.header('referrer-policy', 'same-origin');
    reply.header('vary', 'accept-language');
    sendPage(reply, { status, html: toHtml(page) });
  }
}

const toHtml = (page: Rendered): string => `<!doctype html>${String(page)}`;

/** The language in the address, else the one the browser prefers. */
function languageOf(request: FastifyRequest): Language {
  const asked = queryOf(request).find(([name]) => name === 'lang')?.[1];
  return languageNamed(asked) ?? preferred(request);
}

function languageNamed(name: string | undefined): Language | undefined {
  return name === 'en' || name === 'ja' ? name : undefined;
}

/** The first of our languages in the order of `Accept-Language`, as browsers write it. */
function preferred(request: FastifyRequest): Language {
  const tags = (request.headers['accept-language'] ?? '').split(',').map((tag) => tag.trim().slice(0, 2).toLowerCase());
  return tags.map(languageNamed).find((language) => language !== undefined) ?? 'en';
}
