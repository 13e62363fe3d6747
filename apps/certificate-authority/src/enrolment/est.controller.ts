import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Audit, Clock } from '@holdfast/fapi';
import { authorizationOf, interactionOf, peerOf } from '@holdfast/host';
import { writeCertsOnly } from '@holdfast/mtls/authority';
import type { AuthorityName } from '@holdfast/pki';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IssuingKeys } from '../issuing/issuing-keys.ts';
import { purposeOfLabel } from '../purpose-label.ts';
import type { Authenticator, Holder } from './authenticate.ts';
import { CSR_ATTRIBUTES } from './csr-attributes.ts';
import type { EnrolmentDesk, Enrolled } from './enrolment-desk.ts';
import { CERTS_ONLY, readPkcs10Body, sendBase64 } from './est-body.ts';
import { decided } from './decided.ts';
import { PlainTextRefusals } from './plain-text-refusals.ts';

export const EST_PARTS = Symbol('parts of EST');

export interface EstParts {
  readonly keys: IssuingKeys;
  readonly desk: EnrolmentDesk;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** Enrolment over Secure Transport, one label for each purpose. RFC7030-3.2.2. */
@Controller('.well-known/est/:purpose')
@UseFilters(PlainTextRefusals)
export class EstController {
  readonly #parts: EstParts;

  constructor(@Inject(EST_PARTS) parts: EstParts) {
    this.#parts = parts;
  }

  /** RFC7030-4.1: roots and intermediates, for anybody. */
  @Get('cacerts')
  authorities(@Param('purpose') label: string, @Res() reply: FastifyReply): void {
    const generations = this.#parts.keys.trusted(purposeOfLabel(label));
    const roots = new Map(generations.map(({ root }) => [root.fingerprint256, root]));
    const certificates = [...generations.map(({ authority }) => authority.certificate), ...roots.values()];
    sendBase64(reply, CERTS_ONLY, writeCertsOnly(certificates));
  }

  /** RFC7030-4.5. */
  @Get('csrattrs')
  attributes(@Param('purpose') label: string, @Res() reply: FastifyReply): void {
    purposeOfLabel(label);
    sendBase64(reply, 'application/csrattrs', CSR_ATTRIBUTES);
  }

  /** RFC7030-4.2.1. */
  @Post('simpleenroll')
  @HttpCode(200)
  async enrol(@Param('purpose') label: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const purpose = purposeOfLabel(label);
    await this.#answer('est.enrol', purpose, request, reply, async (body, now) => {
      const presented = { certificate: peerOf(request), authorization: authorizationOf(request) };
      const who = await this.#parts.authenticator.known(presented, now);
      return { who, enrolled: () => this.#parts.desk.enrol(who, purpose, body()) };
    });
  }

  /** RFC7030-4.2.2. A token opens no second door: who renews has a certificate. */
  @Post('simplereenroll')
  @HttpCode(200)
  async renew(@Param('purpose') label: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const purpose = purposeOfLabel(label);
    await this.#answer('est.renew', purpose, request, reply, async (body, now) => {
      const who = this.#parts.authenticator.knownByCertificate(peerOf(request), now);
      return Promise.resolve({ who, enrolled: () => this.#parts.desk.renew(who, purpose, body()) });
    });
  }

  async #answer(
    action: string,
    purpose: AuthorityName,
    request: FastifyRequest,
    reply: FastifyReply,
    decide: (body: () => Buffer, now: Date) => Promise<{ who: Holder; enrolled: () => Promise<Enrolled> }>,
  ): Promise<void> {
    const { audit, clock } = this.#parts;
    const chain = await decided(audit, action, { interaction: interactionOf(request) }, async (trail) => {
      trail.evidence = { purpose };
      const { who, enrolled } = await decide(() => readPkcs10Body(request), clock.now());
      Object.assign(trail, whoInTrail(who));
      trail.evidence = { ...trail.evidence, authenticated: who.by };
      const { name, certificate, chain } = await enrolled();
      trail.evidence = {
        ...trail.evidence,
        name,
        serial: certificate.serialNumber,
        until: iso(certificate.validToDate),
      };
      return chain;
    });
    sendBase64(reply, CERTS_ONLY, writeCertsOnly(chain));
  }
}

const iso = (date: Date): string => date.toISOString();

const whoInTrail = (who: Holder) => ({
  subject: who.holder,
  ...(who.by === 'certificate' ? { presentedThumbprint: who.certificate.thumbprint } : {}),
});
