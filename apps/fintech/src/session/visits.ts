import { formOf, interactionOf } from '@holdfast/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Link, Links } from '../link/links.ts';
import { Problem } from '../pages/problem.ts';
import type { Audit } from '../record-decision.ts';
import { sessionCookieOf, setSessionCookie } from './cookies.ts';
import { isCsrfToken } from './csrf-token.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Values } from './single-values.ts';
import { singleValues } from './single-values.ts';

/** Who is at the other end of this request. */
export interface Visit {
  readonly session: Session;
  /** The bank linked in this visit. */
  readonly link: Link | undefined;
  /** `x-fapi-interaction-id` of this page load, kept across all calls it causes. */
  readonly interaction: string;
}

/** A POST that has been shown to come from a page of this visit. */
export interface PostedVisit extends Visit {
  readonly form: Values;
}

export interface VisitParts {
  readonly sessions: Sessions;
  readonly links: Links;
  readonly audit: Audit;
  /** Tidepool's own origin, from the configuration and never from a header. */
  readonly origin: string;
}

/** Tells who is there. One visit per request, however often it is asked for. */
export class Visits {
  readonly #parts: VisitParts;
  readonly #known = new WeakMap<FastifyRequest, Visit>();

  constructor(parts: VisitParts) {
    this.#parts = parts;
  }

  /** The visit a page is shown to; begins one when the browser brings none. */
  async enter(request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
    const existing = await this.existing(request);
    if (existing !== undefined) return existing;
    const session = await this.#parts.sessions.open();
    setSessionCookie(reply, session);
    return this.#remember(request, { session, link: undefined, interaction: interactionOf(request) });
  }

  /** The visit this browser brings along, if any. */
  async existing(request: FastifyRequest): Promise<Visit | undefined> {
    const known = this.#known.get(request);
    if (known !== undefined) return known;
    const session = await this.#parts.sessions.find(sessionCookieOf(request));
    if (session === undefined) return undefined;
    const link = await this.#parts.links.ofSession(session.hash);
    return this.#remember(request, { session, link, interaction: interactionOf(request) });
  }

  /** The visit established earlier in this request; for the page that explains a problem. */
  established(request: FastifyRequest): Visit | undefined {
    return this.#known.get(request);
  }

  /**
   * The visit behind a form. Three independent proofs that a page of ours made it: the cookie (SameSite=Lax does not travel
   * with a POST from another site), the browser's own word on the origin, and a token only our pages of this session hold.
   *
   * @throws Problem `request_forged`, with an audit event that says which proof was missing
   */
  async post(request: FastifyRequest): Promise<PostedVisit> {
    const visit = await this.existing(request);
    const form = singleValues(formOf(request));
    const fault = this.#fault(request, visit, form);
    if (fault === undefined && visit !== undefined && form !== undefined) return { ...visit, form };
    const evidence = { route: request.routeOptions.url ?? 'unknown' };
    this.#parts.audit({
      action: 'form.post',
      outcome: 'refused',
      reason: fault ?? 'unexpected',
      interaction: interactionOf(request),
      evidence,
    });
    throw new Problem('request_forged', fault === undefined ? {} : { reason: fault });
  }

  #fault(request: FastifyRequest, visit: Visit | undefined, form: Values | undefined): string | undefined {
    const { origin } = request.headers;
    if (origin === undefined) return 'origin_missing';
    if (origin !== this.#parts.origin) return 'origin_foreign';
    if (visit === undefined) return 'session_missing';
    if (form === undefined) return 'parameter_repeated';
    if (!form.has('csrf')) return 'csrf_token_missing';
    if (!isCsrfToken(form.get('csrf'), visit.session.secret)) return 'csrf_token_mismatch';
    return undefined;
  }

  #remember(request: FastifyRequest, visit: Visit): Visit {
    this.#known.set(request, visit);
    return visit;
  }
}
