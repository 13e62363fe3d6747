import { endConsentsOfRevokedGrants, findOwnGrant, listGrants, withdrawGrant } from '@holdfast/fapi/as';
import type { Engine } from '@holdfast/fapi/as';
import { queryOf, seeOther, sendPage } from '@holdfast/host';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditedRefusal, ENGINE, engineFor } from '../engine.ts';
import { PersonalPages } from '../login/personal-pages.ts';
import type { Place } from '../login/personal-pages.ts';
import { pageCsp } from '../pages/csp.ts';
import { GrantsPage } from '../pages/grants-page.tsx';
import { languageOf } from '../pages/language.ts';
import { pageHtml } from '../pages/layout.tsx';
import { WithdrawPage } from '../pages/withdraw-page.tsx';

const HOME = '/grants';
const PLACE: Place = { home: HOME, lead: ({ grantsLoginLead }) => grantsLoginLead };
const WITHDRAWN = 'withdrawn';

/** Where a person sees what they granted, and takes it back. Outside of any authorization request. */
@Controller()
export class GrantsController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(PersonalPages) private readonly personal: PersonalPages,
  ) {}

  @Get('/grants')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.personal.enter(PLACE, request, reply);
    if (visit === undefined) return;
    const { session, person } = visit;
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
  logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.personal.logIn(PLACE, request, reply);
  }

  @Post('/grants/logout')
  logOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.personal.logOut(PLACE, request, reply);
  }

  @Get('/grants/:grantId/withdraw')
  async confirm(
    @Param('grantId') grantId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = await this.personal.find(request);
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
    const visit = await this.personal.find(request);
    if (visit === undefined) {
      seeOther(reply, HOME);
      return;
    }
    await this.personal.ownForm(visit.session, request);
    await withdrawGrant(engineFor(this.engine, request), visit.person.subject, grantId);
    await endConsentsOfRevokedGrants(this.engine);
    seeOther(reply, `${HOME}?notice=${WITHDRAWN}`);
  }
}

const withdrawPath = (grantId: string): string => `${HOME}/${encodeURIComponent(grantId)}/withdraw`;
