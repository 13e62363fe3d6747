import type { FormPairs } from '@holdfast/fapi';
import { endConsentsOfRevokedGrants, findOwnGrant, listGrants, withdrawGrant } from '@holdfast/fapi/as';
import type { Engine } from '@holdfast/fapi/as';
import { formOf, interactionOf, queryOf, seeOther, sendPage } from '@holdfast/host';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditedRefusal, ENGINE, engineFor } from '../engine.ts';
import { LogIn } from '../login/log-in.ts';
import { credentialsIn, sendLoginPage } from '../login/login-form.tsx';
import type { FailedLogin } from '../login/login-form.tsx';
import { pageCsp } from '../pages/csp.ts';
import { GrantsPage } from '../pages/grants-page.tsx';
import { languageOf } from '../pages/language.ts';
import { pageHtml } from '../pages/layout.tsx';
import { textsIn } from '../pages/texts.ts';
import { WithdrawPage } from '../pages/withdraw-page.tsx';
import { PEOPLE } from '../people/people.ts';
import type { PeopleDirectory, Person } from '../people/people.ts';
import { BrowserSessions } from '../session/browser-sessions.ts';
import type { BrowserSession } from '../session/browser-sessions.ts';
import { checkOwnForm } from '../session/csrf.ts';

/** Every way through these pages ends here: nothing that comes with a request says where to go next. */
const HOME = '/grants';
const WITHDRAWN = 'withdrawn';

/** A browser at which somebody is logged in. */
interface Visit {
  readonly session: BrowserSession;
  readonly person: Person;
}

/** Where a person sees what they granted, and takes it back. Outside of any authorization request. */
@Controller()
export class GrantsController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(PEOPLE) private readonly people: PeopleDirectory,
    @Inject(BrowserSessions) private readonly sessions: BrowserSessions,
    @Inject(LogIn) private readonly login: LogIn,
  ) {}

  @Get('/grants')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.sessions.findOrStart(request, reply);
    const person = await this.personOf(session);
    if (person === undefined) {
      this.showLogin(session, request, reply);
      return;
    }
    const page = (
      <GrantsPage
        language={languageOf(request, reply)}
        page={HOME}
        csrf={session.csrf}
        person={person.name}
        grants={await listGrants(this.engine, person.subject)}
        withdrawn={queryOf(request).some(([name, value]) => name === 'notice' && value === WITHDRAWN)}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp() });
  }

  @Post('/grants/login')
  async logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.sessions.find(request);
    // The page was left open for longer than its session lives: there is a fresh form where this one came from.
    if (session === undefined) {
      seeOther(reply, HOME);
      return;
    }
    const credentials = credentialsIn(await this.ownForm(session, request), request);
    const outcome = await this.login.attempt(credentials, { interaction: interactionOf(request) });
    if (outcome.kind !== 'in') {
      this.showLogin(session, request, reply, { login: credentials.login, outcome });
      return;
    }
    await this.sessions.logIn(session, outcome.person.subject, reply);
    seeOther(reply, HOME);
  }

  @Post('/grants/logout')
  async logOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.sessions.find(request);
    if (session !== undefined) {
      await this.ownForm(session, request);
      await this.sessions.logOut(session, reply);
      const subject = session.login === undefined ? {} : { subject: session.login.subject };
      engineFor(this.engine, request).audit({ action: 'session.logout', outcome: 'allowed', ...subject });
    }
    seeOther(reply, HOME);
  }

  @Get('/grants/:grantId/withdraw')
  async confirm(
    @Param('grantId') grantId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = await this.visit(request);
    if (visit === undefined) {
      seeOther(reply, HOME);
      return;
    }
    const { subject } = visit.person;
    const grant = await auditedRefusal(
      this.engine.audit,
      'grant.look',
      request,
      () => findOwnGrant(this.engine, subject, grantId),
      { subject },
    );
    const page = (
      <WithdrawPage
        language={languageOf(request, reply)}
        page={withdrawPath(grant.id)}
        back={HOME}
        csrf={visit.session.csrf}
        grant={grant}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp() });
  }

  @Post('/grants/:grantId/withdraw')
  async withdraw(
    @Param('grantId') grantId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = await this.visit(request);
    if (visit === undefined) {
      seeOther(reply, HOME);
      return;
    }
    await this.ownForm(visit.session, request);
    await withdrawGrant(engineFor(this.engine, request), visit.person.subject, grantId);
    await endConsentsOfRevokedGrants(this.engine);
    seeOther(reply, `${HOME}?notice=${WITHDRAWN}`);
  }

  private async visit(request: FastifyRequest): Promise<Visit | undefined> {
    const session = await this.sessions.find(request);
    const person = session && (await this.personOf(session));
    return session && person && { session, person };
  }

  private async personOf({ login }: BrowserSession): Promise<Person | undefined> {
    return login && this.people.find(login.subject);
  }

  /** The form of a page that this server gave to this very browser. */
  private ownForm(session: BrowserSession, request: FastifyRequest): Promise<FormPairs> {
    return auditedRefusal(this.engine.audit, 'session.form', request, () => {
      const form = formOf(request);
      checkOwnForm(request, form, session, this.engine.issuer);
      return form;
    });
  }

  private showLogin(session: BrowserSession, request: FastifyRequest, reply: FastifyReply, failed?: FailedLogin): void {
    const language = languageOf(request, reply);
    const lead = textsIn(language).grantsLoginLead;
    sendLoginPage(reply, { language, page: HOME, csrf: session.csrf, lead, failed });
  }
}

const withdrawPath = (grantId: string): string => `${HOME}/${encodeURIComponent(grantId)}/withdraw`;
