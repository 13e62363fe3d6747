import { queryOf, seeOther } from '@holdfast/host';
import { Controller, Get, Inject, Param, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isAccountId } from '../bank/messages.ts';
import { AccountPage } from '../pages/account-page.tsx';
import { AccountsPage } from '../pages/accounts-page.tsx';
import { noticeOf } from '../pages/notices.ts';
import { PageSender } from '../pages/page-sender.ts';
import { ProblemFilter } from '../pages/problem.filter.ts';
import { Problem } from '../pages/problem.ts';
import { singleValues } from '../session/single-values.ts';
import { Visits } from '../session/visits.ts';
import { AccountReader } from './account-reader.ts';
import { readStatementQuery } from './statement-query.ts';

@Controller('accounts')
@UseFilters(ProblemFilter)
export class AccountsController {
  readonly #visits: Visits;
  readonly #reader: AccountReader;
  readonly #pages: PageSender;

  constructor(
    @Inject(Visits) visits: Visits,
    @Inject(AccountReader) reader: AccountReader,
    @Inject(PageSender) pages: PageSender,
  ) {
    this.#visits = visits;
    this.#reader = reader;
    this.#pages = pages;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.#visits.existing(request);
    if (visit?.link === undefined) {
      seeOther(reply, '/');
      return;
    }
    const overview = await this.#reader.overview(visit.link, visit.interaction);
    const page = this.#pages.context(request, visit);
    const notice = noticeOf(page, singleValues(queryOf(request)));
    this.#pages.send(reply, AccountsPage({ page, overview, notice }));
  }

  @Get(':id')
  async one(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.#visits.existing(request);
    if (visit?.link === undefined) {
      seeOther(reply, '/');
      return;
    }
    if (!isAccountId(id)) throw new Problem('account_unknown');
    const query = readStatementQuery(singleValues(queryOf(request)));
    const { entry, statement } = await this.#reader.account(visit.link, visit.interaction, id, query);
    const page = this.#pages.context(request, visit);
    this.#pages.send(reply, AccountPage({ page, entry, query, statement }));
  }
}
