import { endConsentsOfRevokedGrants, queryGrant, revokeGrantByClient } from '@holdfast/fapi/as';
import type { Engine, GrantStatus } from '@holdfast/fapi/as';
import { Controller, Delete, Get, HttpCode, Inject, Param, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NextNonce } from '../dpop/next-nonce.ts';
import { ENGINE, resourceRequest } from '../engine.ts';

/** Grant management for clients. GM-6. */
@Controller()
@UseGuards(NextNonce)
export class GrantManagementController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  @Get('/grant-management/:grantId')
  query(@Param('grantId') grantId: string, @Req() request: FastifyRequest): Promise<GrantStatus> {
    return queryGrant(this.engine, resourceRequest(request), grantId);
  }

  // GM-6.5: 204 with an empty body.
  @Delete('/grant-management/:grantId')
  @HttpCode(204)
  async revoke(@Param('grantId') grantId: string, @Req() request: FastifyRequest): Promise<void> {
    await revokeGrantByClient(this.engine, resourceRequest(request), grantId);
    await endConsentsOfRevokedGrants(this.engine);
  }
}
