import { refuse } from '@holdfast/fapi';
import { approveRequest, askForApproval, denyRequest, findAskedRequest, requestsWaitingFor } from '@holdfast/fapi/as';
import type { AskedRequest, Engine } from '@holdfast/fapi/as';
import { seeOther, sendPage } from '@holdfast/host';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PING_DELIVERY } from '../ciba/ping-delivery.ts';
import type { PingDelivery } from '../ciba/ping-delivery.ts';
import { auditedRefusal, ENGINE, engineFor } from '../engine.ts';
import { PersonalPages } from '../login/personal-pages.ts';
import type { Place, Visit } from '../login/personal-pages.ts';
import { ApprovalPage } from '../pages/approval-page.tsx';
import { ApprovalsPage } from '../pages/approvals-page.tsx';
import { pageCsp } from '../pages/csp.ts';
import { DecidedPage } from '../pages/decided-page.tsx';
import { languageOf } from '../pages/language.ts';
import { pageHtml } from '../pages/layout.tsx';
import { all, single } from '../session/form-fields.ts';

const HOME = '/approvals';
const PLACE: Place = { home: HOME, lead: ({ approvalsLoginLead }) => approvalsLoginLead };

/** The authentication device of CIBA-CORE-1: where a person sees what is asked of them elsewhere, and decides. */
@Controller()
export class ApprovalsController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(PersonalPages) private readonly personal: PersonalPages,
    @Inject(PING_DELIVERY) private readonly pings: PingDelivery,
  ) {}

  @Get('/approvals')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.personal.enter(PLACE, request, reply);
    if (visit === undefined) return;
    const { session, login, person } = visit;
    const page = (
      <ApprovalsPage
        language={languageOf(request, reply)}
        page={HOME}
        csrf={session.csrf}
        person={person.name}
        waiting={await requestsWaitingFor(this.engine, login)}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp() });
  }

  @Post('/approvals/login')
  logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.personal.logIn(PLACE, request, reply);
  }

  @Post('/approvals/logout')
  logOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.personal.logOut(PLACE, request, reply);
  }

  @Get('/approvals/:id')
  async show(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.personal.find(request);
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
    const form = await this.personal.ownForm(visit.session, request);
    const asked = await this.askedOf(visit, id, request);
    const engine = engineFor(this.engine, request);
    if (single(form, 'decision') === 'approve') {
      const approval = { shown: single(form, 'shown'), accounts: all(form, 'account') };
      await approveRequest(engine, visit.login, asked, approval);
    } else await denyRequest(engine, visit.login, asked);
    this.pings.soon();
    seeOther(reply, pathOf(asked));
  }

  private requiredVisit(request: FastifyRequest): Promise<Visit> {
    return auditedRefusal(this.engine.audit, 'session.decide', request, async () => {
      const visit = await this.personal.find(request);
      if (visit === undefined) throw refuse('access_denied', 'login_needed', { show: 'page' });
      return visit;
    });
  }

  private askedOf({ login }: Visit, id: string, request: FastifyRequest): Promise<AskedRequest> {
    const known = { subject: login.subject };
    const find = () => findAskedRequest(this.engine, login, id);
    return auditedRefusal(this.engine.audit, 'ciba.look', request, find, known);
  }

  private async showQuestion(
    { session, person }: Visit,
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
        person={person.name}
        question={await askForApproval(this.engine, asked)}
      />
    );
    sendPage(reply, { html: pageHtml(page), csp: pageCsp() });
  }
}

const pathOf = ({ request }: AskedRequest): string => `${HOME}/${request.id}`;
