import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { purposeOfLabel } from '../purpose-label.ts';
import { OcspResponder } from './responder.ts';

/** OCSP over HTTP. RFC6960-A. */
@Controller('ocsp/:purpose')
export class OcspController {
  readonly #responder: OcspResponder;

  constructor(@Inject(OcspResponder) responder: OcspResponder) {
    this.#responder = responder;
  }

  @Post()
  @HttpCode(200)
  async posted(@Param('purpose') label: string, @Req() { body }: FastifyRequest, @Res() reply: FastifyReply) {
    await this.#send(label, Buffer.isBuffer(body) ? body : Buffer.alloc(0), reply);
  }

  /** The request in base64 as the rest of the path; its slashes may be escaped or not. */
  @Get('*')
  async named(@Param('purpose') label: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { '*': base64 = '' } = request.params as Record<string, string>;
    await this.#send(label, Buffer.from(base64, 'base64'), reply);
  }

  async #send(label: string, der: Buffer, reply: FastifyReply): Promise<void> {
    const answer = await this.#responder.answer(purposeOfLabel(label), der);
    void reply
      .code(200)
      .header('content-type', 'application/ocsp-response')
      .header('cache-control', 'no-store')
      .send(answer);
  }
}
