import { interactionOf } from '@holdfast/host';
import type { ArgumentsHost } from '@nestjs/common';
import { Catch, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Visits } from '../session/visits.ts';
import { PageSender } from './page-sender.ts';
import { ProblemPage } from './problem-page.tsx';
import { Problem } from './problem.ts';

/** The one place where a problem becomes a page. What is no {@link Problem} goes on to the host's own filter. */
@Catch(Problem)
export class ProblemFilter {
  readonly #pages: PageSender;
  readonly #visits: Visits;

  constructor(@Inject(PageSender) pages: PageSender, @Inject(Visits) visits: Visits) {
    this.#pages = pages;
    this.#visits = visits;
  }

  catch(problem: Problem, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const page = this.#pages.context(request, this.#visits.established(request));
    const { kind, reason } = problem;
    // RFC9110-10.2.3: when to come back.
    if (problem.status === 503) reply.header('retry-after', '5');
    this.#pages.send(reply, ProblemPage({ page, kind, reason, reference: interactionOf(request) }), problem.status);
  }
}
