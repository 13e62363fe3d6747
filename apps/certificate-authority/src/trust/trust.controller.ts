import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Audit, Clock } from '@holdfast/fapi';
import { interactionOf, jsonOf, peerOf } from '@holdfast/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Authenticator } from '../enrolment/authenticate.ts';
import { decided } from '../enrolment/decided.ts';
import { PlainTextRefusals } from '../enrolment/plain-text-refusals.ts';
import { malformed } from '../enrolment/request-refused.ts';
import { purposeOfLabel } from '../purpose-label.ts';
import { AcknowledgementRefused, INSTANCE } from './acknowledgements.ts';
import type { Acknowledgements, Told } from './acknowledgements.ts';
import type { TrustPublisher } from './trust-publisher.ts';

export const TRUST_PARTS = Symbol('parts of the trust state');

export interface TrustParts {
  readonly publisher: TrustPublisher;
  readonly acknowledgements: Acknowledgements;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly audit: Audit;
}

const hash = z.string().regex(/^[\w-]{43}$/);
const acknowledgement = z.strictObject({
  instance: z.string().regex(INSTANCE),
  version: z.int().nonnegative(),
  certificates: z
    .array(
      z.strictObject({
        name: z.string().max(100),
        thumbprint: hash,
        issuer: hash,
        /** Seconds since 1970. */
        notAfter: z.int().positive(),
      }),
    )
    .max(50),
});

/** The trust state for processes without gRPC, and the lists for anybody. */
@Controller()
@UseFilters(PlainTextRefusals)
export class TrustController {
  readonly #parts: TrustParts;

  constructor(@Inject(TRUST_PARTS) parts: TrustParts) {
    this.#parts = parts;
  }

  /** RFC9110-13.1.2: who has the version already is told so. */
  @Get('trust')
  state(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { state } = this.#parts.publisher;
    const tag = `"${state.version}"`;
    reply.header('etag', tag).header('cache-control', 'no-cache');
    if (request.headers['if-none-match'] === tag) void reply.code(304).send();
    else void reply.code(200).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(state));
  }

  @Post('trust/acknowledgements')
  @HttpCode(204)
  async acknowledge(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { audit, authenticator, clock } = this.#parts;
    let isNews = true;
    // That it is still there a process tells again and again: nothing is decided then.
    const auditNews: Audit = (event) => {
      if (isNews) audit(event);
    };
    await decided(auditNews, 'trust.acknowledge', { interaction: interactionOf(request) }, async (trail) => {
      const { holder, certificate } = authenticator.knownByCertificate(peerOf(request), clock.now());
      Object.assign(trail, { subject: holder, presentedThumbprint: certificate.thumbprint });
      const told = acknowledgement.safeParse(jsonOf(request));
      if (!told.success) throw malformed('body_malformed', 'the acknowledgement is not of the shape that is expected');
      isNews = await this.#take(holder, told.data);
      trail.evidence = { version: `${told.data.version}`, instance: told.data.instance };
    });
    void reply.code(204).send();
  }

  /** RFC5280-5, RFC2585-4.2: the list of the intermediate that issues now. */
  @Get('crl/:purpose')
  revocationList(@Param('purpose') label: string, @Res() reply: FastifyReply): void {
    const { revocationLists } = this.#parts.publisher.state.purposes[purposeOfLabel(label)];
    const [, base64 = ''] = /-----BEGIN X509 CRL-----([^-]+)-----END/.exec(revocationLists) ?? [];
    const der = Buffer.from(base64, 'base64');
    void reply.code(200).header('content-type', 'application/pkix-crl').header('cache-control', 'no-cache').send(der);
  }

  async #take(holder: string, told: Told): Promise<boolean> {
    const { acknowledgements, publisher } = this.#parts;
    try {
      return await acknowledgements.take(holder, told, publisher.state.version);
    } catch (error) {
      if (!(error instanceof AcknowledgementRefused)) throw error;
      throw malformed(error.reason, 'the acknowledgement does not fit to what was published or to who tells it');
    }
  }
}
