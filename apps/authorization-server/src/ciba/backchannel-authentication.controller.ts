import { requestAuthentication } from '@holdfast/fapi/as';
import type { AuthenticationAcknowledgement, Engine } from '@holdfast/fapi/as';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENGINE, endpointRequest } from '../engine.ts';

/** The backchannel authentication endpoint. CIBA-CORE-7. */
@Controller()
export class BackchannelAuthenticationController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  // CIBA-CORE-7.3: success is 200.
  @Post('/bc-authorize')
  @HttpCode(200)
  async ask(@Req() request: FastifyRequest): Promise<AuthenticationAcknowledgement> {
    return requestAuthentication(this.engine, await endpointRequest(this.engine, 'ciba.request', request));
  }
}
