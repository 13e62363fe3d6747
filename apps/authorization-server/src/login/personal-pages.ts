import type { FormPairs } from '@holdfast/fapi';
import type { Engine, Login } from '@holdfast/fapi/as';
import { formOf, interactionOf, seeOther } from '@holdfast/host';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditedRefusal, ENGINE, engineFor } from '../engine.ts';
import { languageOf } from '../pages/language.ts';
import type { Texts } from '../pages/texts.ts';
import { textsIn } from '../pages/texts.ts';
import { PEOPLE } from '../people/people.ts';
import type { PeopleDirectory, Person } from '../people/people.ts';
import { BrowserSessions } from '../session/browser-sessions.ts';
import type { BrowserSession } from '../session/browser-sessions.ts';
import { checkOwnForm } from '../session/csrf.ts';
import { LogIn } from './log-in.ts';
import { credentialsIn, sendLoginPage } from './login-form.tsx';
import type { FailedLogin } from './login-form.tsx';

/** Pages of a person's own, outside of any authorization request. */
export interface Place {
  /** Every way in and out ends here: nothing that comes with a request says where to go next. */
  readonly home: string;
  /** Why there is something to log in for. */
  readonly lead: (texts: Texts) => string;
}

/** A browser at which somebody is logged in whom the directory still knows. */
export interface Visit {
  readonly session: BrowserSession;
  readonly login: Login;
  readonly person: Person;
}

/** The way into the pages of a person's own and out of them, the same for all of them. */
@Injectable()
export class PersonalPages {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(PEOPLE) private readonly people: PeopleDirectory,
    @Inject(BrowserSessions) private readonly sessions: BrowserSessions,
    @Inject(LogIn) private readonly login: LogIn,
  ) {}

  /** Who is here; for nobody the login form is sent, and the answer is `undefined`. */
  async enter(place: Place, request: FastifyRequest, reply: FastifyReply): Promise<Visit | undefined> {
    const session = await this.sessions.findOrStart(request, reply);
    const visit = await this.visitOf(session);
    if (visit === undefined) showLogin(place, session, request, reply);
    return visit;
  }

  /** Who is here; `undefined` for nobody, and nothing is sent. */
  async find(request: FastifyRequest): Promise<Visit | undefined> {
    const session = await this.sessions.find(request);
    return session && this.visitOf(session);
  }

  /** @throws OAuthError as a local page, for a form that is not ours */
  async logIn(place: Place, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const session = await this.sessions.find(request);
    // The page was left open for longer than its session lives: there is a fresh form where this one came from.
    if (session === undefined) {
      seeOther(reply, place.home);
      return;
    }
    const credentials = credentialsIn(await this.ownForm(session, request), request);
    const outcome = await this.login.attempt(credentials, { interaction: interactionOf(request) });
    if (outcome.kind !== 'in') {
      showLogin(place, session, request, reply, { login: credentials.login, outcome });
      return;
    }
    await this.sessions.logIn(session, outcome.person.subject, reply);
    seeOther(reply, place.home);
  }

  /** @throws OAuthError as a local page, for a form that is not ours */
  async logOut(place: Place, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const session = await this.sessions.find(request);
    if (session !== undefined) {
      await this.ownForm(session, request);
      await this.sessions.logOut(session, reply);
      const known = session.login === undefined ? {} : { subject: session.login.subject };
      engineFor(this.engine, request).audit({ action: 'session.logout', outcome: 'allowed', ...known });
    }
    seeOther(reply, place.home);
  }

  /**
   * The form of a page that this server gave to this very browser.
   *
   * @throws OAuthError as a local page, for any other
   */
  ownForm(session: BrowserSession, request: FastifyRequest): Promise<FormPairs> {
    return auditedRefusal(this.engine.audit, 'session.form', request, () => {
      const form = formOf(request);
      checkOwnForm(request, form, session, this.engine.issuer);
      return form;
    });
  }

  private async visitOf(session: BrowserSession): Promise<Visit | undefined> {
    const { login } = session;
    const person = login && (await this.people.find(login.subject));
    return login && person && { session, login, person };
  }
}

function showLogin(
  { home, lead }: Place,
  { csrf }: BrowserSession,
  request: FastifyRequest,
  reply: FastifyReply,
  failed?: FailedLogin,
): void {
  const language = languageOf(request, reply);
  sendLoginPage(reply, { language, page: home, csrf, lead: lead(textsIn(language)), failed });
}
