import { queryOf, seeOther } from '@holdfast/host';
import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Discovery } from '../authorization-server/discovery.ts';
import { isLanguage } from '../i18n/language.ts';
import { Links } from '../link/links.ts';
import { Withdrawal } from '../link/withdrawal.ts';
import { noticeOf, withNotice } from '../pages/notices.ts';
import { isReturnPath, PageSender } from '../pages/page-sender.ts';
import { ProblemFilter } from '../pages/problem.filter.ts';
import { WelcomePage } from '../pages/welcome-page.tsx';
import { clearSessionCookie, setLanguageCookie } from './cookies.ts';
import { singleValues } from './single-values.ts';
import { Visits } from './visits.ts';

@Controller()
@UseFilters(ProblemFilter)
export class SessionController {
  readonly #visits: Visits;
  readonly #pages: PageSender;
  readonly #discovery: Discovery;
  readonly #links: Links;
  readonly #withdrawal: Withdrawal;

  constructor(
    @Inject(Visits) visits: Visits,
    @Inject(PageSender) pages: PageSender,
    @Inject(Discovery) discovery: Discovery,
    @Inject(Links) links: Links,
    @Inject(Withdrawal) withdrawal: Withdrawal,
  ) {
    this.#visits = visits;
    this.#pages = pages;
    this.#discovery = discovery;
    this.#links = links;
    this.#withdrawal = withdrawal;
  }

  @Get()
  async welcome(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.#visits.enter(request, reply);
    if (visit.link !== undefined) {
      seeOther(reply, '/accounts');
      return;
    }
    const page = this.#pages.context(request, visit);
    const notice = noticeOf(page, singleValues(queryOf(request)));
    this.#pages.send(reply, WelcomePage({ page, canLink: this.#discovery.reached, notice }));
  }

  /** Ends the visit at once; its access is withdrawn at the bank right after, again and again until that succeeds. */
  @Post('forget')
  async forget(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { session } = await this.#visits.post(request);
    await this.#links.endSession(session.hash);
    void this.#withdrawal.soon();
    clearSessionCookie(reply);
    seeOther(reply, withNotice('/', 'forgotten'));
  }

  @Post('language')
  async language(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { form } = await this.#visits.post(request);
    const language = form.get('language');
    if (isLanguage(language)) setLanguageCookie(reply, language);
    // Only to a page of ours: an address from a form must not send anybody elsewhere.
    const back = form.get('return') ?? '/';
    seeOther(reply, isReturnPath(back) ? back : '/');
  }
}
