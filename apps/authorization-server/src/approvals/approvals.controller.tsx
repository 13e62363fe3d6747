import type { FormPairs } from '@holdfast/fapi';
import { refuse } from '@holdfast/fapi';
import { approveRequest, askForApproval, denyRequest, findAskedRequest, requestsWaitingFor } from '@holdfast/fapi/as';
import type { AskedRequest, Engine, Login } from '@holdfast/fapi/as';
import { formOf, interactionOf, seeOther, sendPage } from '@holdfast/host';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PING_DELIVERY } from '../ciba/ping-delivery.ts';
import type { PingDelivery } from '../ciba/ping-delivery.ts';
import { auditedRefusal, ENGINE, engineFor } from '../engine.ts';
import type { FailedLogin } from '../login/login-form.tsx';
import { credentialsIn, sendLoginPage } from '../login/login-form.tsx';
import { LogIn } from '../login/log-in.ts';
import { ApprovalPage } from '../pages/approval-page.tsx';
import { ApprovalsPage } from '../pages/approvals-page.tsx';
import { pageCsp } from '../pages/csp.ts';
import { DecidedPage } from '../pages/decided-page.tsx';
import { languageOf } from '../pages/language.ts';
import { pageHtml } from '../pages/layout.tsx';
import { textsIn } from '../pages/texts.ts';
import { PEOPLE } from '../people/people.ts';
import type { PeopleDirectory } from '../people/people.ts';
import { BrowserSessions } from '../session/browser-sessions.ts';
import type { BrowserSession } from '../session/browser-sessions.ts';
import { checkOwnForm } from '../session/csrf.ts';
import { all, single } from '../session/form-fields.ts';

/** Every way through these pages ends here: nothing that comes with a request says where to go next. */
const HOME = '/approvals';

/** A browser in which somebody is logged in. */
interface Visit {
  readonly session: BrowserSession;
  readonly login: Login;
}

/** The authentication device of CIBA-CORE-1: where a person sees what is asked of them elsewhere, and decides. */
@Controller()
export class ApprovalsController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(PEOPLE) private readonly people: PeopleDirectory,
    @Inject(BrowserSessions) private readonly sessions: BrowserSessions,
    @Inject(LogIn) private readonly login: LogIn,
    @Inject(PING_DELIVERY) private readonly pings: PingDelivery,
  ) {}

  @Get('/approvals')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.sessions.findOrStart(request, reply);
    const { login } = session;
    if (login === undefined) {
      this.showLogin(session, request, reply);
      return;
    }
    const page = (
      <ApprovalsPage
        language={languageOf(request, reply)}
        page={HOME}
        csrf={session.csrf}
        person={await this.nameOf(login)}
        waiting={await requestsWaitingFor(this.engine, login)}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp() });
  }

  @Post('/approvals/login')
  async logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.sessions.find(request);
    // The page was left open for longer than its session lives: there is a fresh form where this one came from.
    if (session === undefined) {
      seeOther(reply, HOME);
      return;
    }
    const credentials = credentialsIn(await this.ownForm(session, request), request);
    const outcome = await this.login.attempt(credentials, { interaction: interactionOf(request) });
    if (outcome.kind === 'in') {
      await this.sessions.logIn(session, outcome.person.subject, reply);
      seeOther(reply, HOME);
    } else this.showLogin(session, request, reply, { login: credentials.login, outcome });
  }

  @Post('/approvals/logout')
  async logOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.sessions.find(request);
    if (session !== undefined) {
      await this.ownForm(session, request);
      await this.sessions.logOut(session, reply);
      const known = session.login === undefined ? {} : { subject: session.login.subject };
      engineFor(this.engine, request).audit({ action: 'session.logout', outcome: 'allowed', ...known });
    }
    seeOther(reply, HOME);
  }

  @Get('/approvals/:id')
  async show(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.visit(request);
    if (visit === undefined) {
      seeOther(reply, HOME);
      return;
    }
    const asked = await this.askedOf(visit, id, request);
    if (asked.decision === undefined) return this.showQuestion(visit, asked, request, reply);
    const page = (
      <DecidedPage
        language={languageOf(request, reply)}
        page={pathOf(asked)}
        list={HOME}
        client={asked.client.name}
        decision={asked.decision}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp() });
  }

  @Post('/approvals/:id/decision')
  async decide(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.requiredVisit(request);
    const form = await this.ownForm(visit.session, request);
    const asked = await this.askedOf(visit, id, request);
    const engine = engineFor(this.engine, request);
    if (single(form, 'decision') === 'approve') {
      const approval = { shown: single(form, 'shown'), accounts: all(form, 'account') };
      await approveRequest(engine, visit.login, asked, approval);
    } else await denyRequest(engine, visit.login, asked);
    this.pings.soon();
    seeOther(reply, pathOf(asked));
  }

  private async visit(request: FastifyRequest): Promise<Visit | undefined> {
    const session = await this.sessions.find(request);
    return session?.login && { session, login: session.login };
  }

  private requiredVisit(request: FastifyRequest): Promise<Visit> {
    return auditedRefusal(this.engine.audit, 'session.decide', request, async () => {
      const visit = await this.visit(request);
      if (visit === undefined) throw refuse('access_denied', 'login_needed', { show: 'page' });
      return visit;
    });
  }

  /** The form of a page that this server gave to this very browser. */
  private ownForm(session: BrowserSession, request: FastifyRequest): Promise<FormPairs> {
    return auditedRefusal(this.engine.audit, 'session.form', request, () => {
      const form = formOf(request);
      checkOwnForm(request, form, session, this.engine.issuer);
      return form;
    });
  }

  private askedOf({ login }: Visit, id: string, request: FastifyRequest): Promise<AskedRequest> {
    const known = { subject: login.subject };
    const find = () => findAskedRequest(this.engine, login, id);
    return auditedRefusal(this.engine.audit, 'ciba.look', request, find, known);
  }

  private async showQuestion(
    { session, login }: Visit,
    asked: AskedRequest,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const page = (
      <ApprovalPage
        language={languageOf(request, reply)}
        page={pathOf(asked)}
        list={HOME}
        csrf={session.csrf}
        person={await this.nameOf(login)}
        question={await askForApproval(this.engine, asked)}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp() });
  }

  private showLogin(session: BrowserSession, request: FastifyRequest, reply: FastifyReply, failed?: FailedLogin): void {
    const language = languageOf(request, reply);
    const lead = textsIn(language).approvalsLoginLead;
    sendLoginPage(reply, { language, page: HOME, csrf: session.csrf, lead, failed });
  }

  private async nameOf({ subject }: Login): Promise<string> {
    return (await this.people.find(subject))?.name ?? subject;
  }
}

const pathOf = ({ request }: AskedRequest): string => `${HOME}/${request.id}`;
