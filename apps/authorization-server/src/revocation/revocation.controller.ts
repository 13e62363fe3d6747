import { endConsentsOfRevokedGrants, revoke } from '@holdfast/fapi/as';
import type { Engine } from '@holdfast/fapi/as';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ENGINE, endpointRequest } from '../engine.ts';

/** Token revocation. RFC7009. */
@Controller()
export class RevocationController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  // RFC7009-2.2: 200 with an empty body, whatever the token was.
  @Post('/revoke')
  @HttpCode(200)
  async revoke(@Req() request: FastifyRequest): Promise<void> {
    await revoke(this.engine, await endpointRequest(this.engine, 'revocation.revoke', request));
    await endConsentsOfRevokedGrants(this.engine);
  }
}
