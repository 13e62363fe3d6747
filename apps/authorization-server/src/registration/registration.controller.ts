import {
  deleteRegistration,
  endConsentsOfRevokedGrants,
  readRegistration,
  registerClient,
  updateRegistration,
} from '@holdfast/fapi/as';
import type { ClientInformation, Engine, RegistrationRequest } from '@holdfast/fapi/as';
import { authorizationOf, interactionOf, jsonOf, peerOf } from '@holdfast/host';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { auditedRefusal, ENGINE } from '../engine.ts';

/** Dynamic client registration and its management. RFC7591-3, RFC7592-2. Only on the listener that asks for certificates. */
@Controller()
export class RegistrationController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  // RFC7591-3.2.1: 201.
  @Post('/register')
  @HttpCode(201)
  async register(@Req() request: FastifyRequest): Promise<ClientInformation> {
    return registerClient(this.engine, await this.withBody('registration.register', request));
  }

  @Get('/register/:clientId')
  read(@Param('clientId') clientId: string, @Req() request: FastifyRequest): Promise<ClientInformation> {
    return readRegistration(this.engine, registrationRequest(request), clientId);
  }

  @Put('/register/:clientId')
  async update(@Param('clientId') clientId: string, @Req() request: FastifyRequest): Promise<ClientInformation> {
    return updateRegistration(this.engine, await this.withBody('registration.update', request), clientId);
  }

  // RFC7592-2.3: 204 with an empty body.
  @Delete('/register/:clientId')
  @HttpCode(204)
  async remove(@Param('clientId') clientId: string, @Req() request: FastifyRequest): Promise<void> {
    await deleteRegistration(this.engine, registrationRequest(request), clientId);
    await endConsentsOfRevokedGrants(this.engine);
  }

  private async withBody(action: string, request: FastifyRequest): Promise<RegistrationRequest> {
    const body = await auditedRefusal(this.engine.audit, action, request, () => jsonOf(request));
    return registrationRequest(request, body);
  }
}

const registrationRequest = (request: FastifyRequest, body?: unknown): RegistrationRequest => ({
  body,
  authorization: authorizationOf(request),
  peer: peerOf(request),
  interaction: interactionOf(request),
});
