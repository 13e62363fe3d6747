import { interactionOf, queryOf, seeOther } from '@holdfast/host';
import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { withNotice } from '../pages/notices.ts';
import { PageSender } from '../pages/page-sender.ts';
import { ProblemFilter } from '../pages/problem.filter.ts';
import { Problem } from '../pages/problem.ts';
import { setSessionCookie } from '../session/cookies.ts';
import { Visits } from '../session/visits.ts';
import type { FinishLinkParts } from './finish-link.ts';
import { finishLink } from './finish-link.ts';
import type { StartLinkParts } from './start-link.ts';
import { startLink } from './start-link.ts';
import { unlink } from './unlink.ts';
import { Withdrawal } from './withdrawal.ts';

export const LINK_PARTS = Symbol('parts of linking');
export type LinkParts = StartLinkParts & FinishLinkParts;

@Controller()
@UseFilters(ProblemFilter)
export class LinkController {
  readonly #visits: Visits;
  readonly #pages: PageSender;
  readonly #parts: LinkParts;
  readonly #withdrawal: Withdrawal;

  constructor(
    @Inject(Visits) visits: Visits,
    @Inject(PageSender) pages: PageSender,
    @Inject(LINK_PARTS) parts: LinkParts,
    @Inject(Withdrawal) withdrawal: Withdrawal,
  ) {
    this.#visits = visits;
    this.#pages = pages;
    this.#parts = parts;
    this.#withdrawal = withdrawal;
  }

  @Post('link')
  async start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.#visits.post(request);
    const authorizeUrl = await startLink(this.#parts, visit, this.#pages.language(request));
    seeOther(reply, authorizeUrl.href);
  }

  /** RFC9700-4.2.4: whatever the answer, the next address the browser shows holds no code. */
  @Get('callback')
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.#visits.existing(request);
    const finished = await finishLink(this.#parts, visit, queryOf(request), interactionOf(request));
    if (finished.outcome === 'declined') {
      seeOther(reply, withNotice('/', 'declined'));
      return;
    }
    setSessionCookie(reply, finished.session);
    // A link this visit had before has been replaced; its access is given back.
    void this.#withdrawal.soon();
    seeOther(reply, withNotice('/accounts', 'linked'));
  }

  @Post('unlink')
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.#visits.post(request);
    if (visit.link === undefined) {
      seeOther(reply, '/');
      return;
    }
    const { interaction, link } = visit;
    try {
      await unlink(this.#parts, 'link.unlink', link.id, { interaction, subject: link.subject });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      seeOther(reply, withNotice('/connection', 'unlink_failed'));
      return;
    }
    seeOther(reply, withNotice('/', 'unlinked'));
  }
}
