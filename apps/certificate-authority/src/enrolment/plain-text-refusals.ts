import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CHALLENGE, RequestRefused } from './request-refused.ts';

/** RFC7030-4.2.3: a refusal says in words what was wrong. Other errors go on to the listener's own filter. */
@Catch(RequestRefused)
export class PlainTextRefusals implements ExceptionFilter<RequestRefused> {
  catch({ status, text }: RequestRefused, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (status === 401) reply.header('www-authenticate', CHALLENGE);
    void reply
      .code(status)
      .header('content-type', 'text/plain; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(`${text}\n`);
  }
}
