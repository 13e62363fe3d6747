import { queryOf, seeOther } from '@holdfast/host';
import type { IdentitySource } from '@holdfast/mtls';
import { Controller, Get, Inject, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConnectionPage } from '../pages/connection-page.tsx';
import { noticeOf } from '../pages/notices.ts';
import { PageSender } from '../pages/page-sender.ts';
import { ProblemFilter } from '../pages/problem.filter.ts';
import { singleValues } from '../session/single-values.ts';
import { Visits } from '../session/visits.ts';
import { viewConnection } from './connection.ts';

/** The certificate Tidepool presents to the bank. */
export const CLIENT_IDENTITY = Symbol('client identity');

@Controller('connection')
@UseFilters(ProblemFilter)
export class ConnectionController {
  readonly #visits: Visits;
  readonly #pages: PageSender;
  readonly #identity: IdentitySource;

  constructor(
    @Inject(Visits) visits: Visits,
    @Inject(PageSender) pages: PageSender,
    @Inject(CLIENT_IDENTITY) identity: IdentitySource,
  ) {
    this.#visits = visits;
    this.#pages = pages;
    this.#identity = identity;
  }

  /** Needs neither the bank nor its login service: what is linked can be seen, and ended, when both are away. */
  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.#visits.existing(request);
    if (visit?.link === undefined) {
      seeOther(reply, '/');
      return;
    }
    const connection = viewConnection(visit.link, this.#identity.current().leaf);
    const page = this.#pages.context(request, visit);
    const notice = noticeOf(page, singleValues(queryOf(request)));
    this.#pages.send(reply, ConnectionPage({ page, connection, notice }));
  }
}
