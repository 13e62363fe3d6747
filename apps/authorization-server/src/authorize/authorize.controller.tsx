import type { FormPairs } from '@holdfast/fapi';
import { refuse } from '@holdfast/fapi';
import {
  approveAuthorization,
  askForConsent,
  denyAuthorization,
  findPending,
  nextStep,
  takeUpRequest,
} from '@holdfast/fapi/as';
import type { Engine, Login, PendingRequest } from '@holdfast/fapi/as';
import { formOf, interactionOf, queryOf, seeOther, sendAuthorizationResponse, sendPage } from '@holdfast/host';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditedRefusal, ENGINE, engineFor } from '../engine.ts';
import { LogIn } from '../login/log-in.ts';
import { credentialsIn, sendLoginPage } from '../login/login-form.tsx';
import type { FailedLogin } from '../login/login-form.tsx';
import { ConsentPage } from '../pages/consent-page.tsx';
import { formPostPage } from '../pages/form-post-page.tsx';
import { languageOf } from '../pages/language.ts';
import { pageHtml } from '../pages/layout.tsx';
import { pageCsp } from '../pages/csp.ts';
import { textsIn } from '../pages/texts.ts';
import { PEOPLE } from '../people/people.ts';
import type { PeopleDirectory } from '../people/people.ts';
import { BrowserSessions } from '../session/browser-sessions.ts';
import type { BrowserSession } from '../session/browser-sessions.ts';
import { checkOwnForm } from '../session/csrf.ts';
import { all, single } from '../session/form-fields.ts';
import { interactionPath, requestUriOf } from './interaction-path.ts';

/** A browser on its way through login and consent. */
interface Visit {
  readonly session: BrowserSession;
  readonly pending: PendingRequest;
  readonly takenUpAt: Date;
}

/** The authorization endpoint and the pages behind it. RFC6749-3.1, OIDC-CORE-3.1.2. */
@Controller()
export class AuthorizeController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(PEOPLE) private readonly people: PeopleDirectory,
    @Inject(BrowserSessions) private readonly sessions: BrowserSessions,
    @Inject(LogIn) private readonly login: LogIn,
  ) {}

  @Get('/authorize')
  authorize(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.takeUp(queryOf(request), request, reply);
  }

  // OIDC-CORE-3.1.2.1: by GET and by POST.
  @Post('/authorize')
  authorizeByPost(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.takeUp(formOf(request), request, reply);
  }

  @Get('/interaction/:handle')
  async show(
    @Param('handle') handle: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = await this.visit(handle, request);
    const step = await nextStep(engineFor(this.engine, request), visit.pending, visit.session.login, visit.takenUpAt);
    if (step === 'consent' && visit.session.login !== undefined)
      return this.showConsent(visit, visit.session.login, request, reply);
    this.showLogin(visit, request, reply);
  }

  @Post('/interaction/:handle/login')
  async logIn(
    @Param('handle') handle: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = await this.visit(handle, request);
    const credentials = credentialsIn(await this.ownForm(visit, request), request);
    const known = { interaction: interactionOf(request), client: visit.pending.client.id };
    const outcome = await this.login.attempt(credentials, known);
    if (outcome.kind !== 'in') {
      this.showLogin(visit, request, reply, { login: credentials.login, outcome });
      return;
    }
    await this.sessions.logIn(visit.session, outcome.person.subject, reply);
    seeOther(reply, interactionPath(visit.pending.requestUri));
  }

  /** For whoever finds somebody else logged in at this browser. */
  @Post('/interaction/:handle/logout')
  async logOut(
    @Param('handle') handle: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = await this.visit(handle, request);
    await this.ownForm(visit, request);
    await this.sessions.logOut(visit.session, reply);
    const subject = visit.session.login?.subject;
    const { audit } = engineFor(this.engine, request);
    audit({ action: 'session.logout', outcome: 'allowed', ...(subject === undefined ? {} : { subject }) });
    seeOther(reply, interactionPath(visit.pending.requestUri));
  }

  @Post('/interaction/:handle/consent')
  async decide(
    @Param('handle') handle: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = await this.visit(handle, request);
    const form = await this.ownForm(visit, request);
    const login = await this.freshLogin(visit, request);
    const engine = engineFor(this.engine, request);
    if (single(form, 'decision') !== 'approve') return denyAuthorization(engine, visit.pending, login);
    const approval = { shown: single(form, 'shown'), accounts: all(form, 'account') };
    const response = await approveAuthorization(engine, visit.pending, login, visit.takenUpAt, approval);
    sendAuthorizationResponse(response, request, reply, formPostPage);
  }

  private async takeUp(parameters: FormPairs, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const engine = engineFor(this.engine, request);
    const pending = await takeUpRequest(engine, parameters);
    const session = await this.sessions.findOrStart(request, reply);
    // prompt=none is answered before any page is shown.
    await nextStep(engine, pending, session.login, this.engine.clock.now());
    const until = new Date(this.engine.clock.now().getTime() + this.engine.profile.interactionLifetime * 1000);
    await this.sessions.takeUp(session, pending.requestUri, pending.client.id, until);
    seeOther(reply, interactionPath(pending.requestUri));
  }

  /** The request behind an interaction page: only in the browser that took it up. */
  private visit(handle: string, request: FastifyRequest): Promise<Visit> {
    return this.orRefuse('session.visit', request, undefined, async () => {
      const requestUri = requestUriOf(handle);
      const session = await this.sessions.find(request);
      const taken = session && (await this.sessions.takenUp(session, requestUri));
      const client = taken && (await this.engine.clients.find(taken.clientId));
      if (session === undefined || taken === undefined || client === undefined)
        throw refuse('invalid_request_uri', 'request_uri_unknown', { show: 'page' });
      return { session, pending: await findPending(this.engine, client, requestUri), takenUpAt: taken.takenUpAt };
    });
  }

  /** The form of a page that this server gave to this very browser. */
  private ownForm({ session, pending }: Visit, request: FastifyRequest): Promise<FormPairs> {
    return this.orRefuse('session.form', request, pending.client.id, () => {
      const form = formOf(request);
      checkOwnForm(request, form, session, this.engine.issuer);
      return form;
    });
  }

  private async freshLogin({ session, pending, takenUpAt }: Visit, request: FastifyRequest): Promise<Login> {
    const step = await nextStep(engineFor(this.engine, request), pending, session.login, takenUpAt);
    return this.orRefuse('session.decide', request, pending.client.id, () => {
      if (step === 'login' || session.login === undefined)
        throw refuse('access_denied', 'login_needed', { show: 'page' });
      return session.login;
    });
  }

  /** A check of this shell, whose refusals are written down. */
  private orRefuse<T>(
    action: string,
    request: FastifyRequest,
    client: string | undefined,
    check: () => T | Promise<T>,
  ): Promise<T> {
    return auditedRefusal(this.engine.audit, action, request, check, client === undefined ? {} : { client });
  }

  private showLogin(visit: Visit, request: FastifyRequest, reply: FastifyReply, failed?: FailedLogin): void {
    const { client, request: wanted, requestUri } = visit.pending;
    const language = languageOf(request, reply, wanted.uiLocales);
    const lead = textsIn(language).loginLead(client.name);
    const { csrf } = visit.session;
    sendLoginPage(reply, { language, page: interactionPath(requestUri), csrf, lead, hint: wanted.loginHint, failed });
  }

  private async showConsent(visit: Visit, login: Login, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const question = await askForConsent(this.engine, visit.pending, login, visit.takenUpAt);
    const person = await this.people.find(login.subject);
    const page = (
      <ConsentPage
        language={languageOf(request, reply, visit.pending.request.uiLocales)}
        page={interactionPath(visit.pending.requestUri)}
        csrf={visit.session.csrf}
        person={person?.name ?? login.subject}
        question={question}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp(question.redirectUri) });
  }
}
