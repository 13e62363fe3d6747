import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { Audit, AuditEvent, Clock, Trail } from '@holdfast/fapi';
import { audited } from '@holdfast/fapi';
import type { KeySource, ProofJudging, RevocationView, VerifiedCaller } from '@holdfast/fapi/rs';
import { createResourceServer } from '@holdfast/fapi/rs';
import { authorizationOf, DPOP_NONCE_HEADER, dpopOf, interactionOf, peerOf, queryOf } from '@holdfast/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { lastValueFrom, of } from 'rxjs';
import { admit } from './admission.ts';
import type { RouteRule } from './protected-get.ts';
import { ruleOf } from './protected-get.ts';
import { checkAccept, checkInteraction, checkNoBody, checkQuery } from './read-form.ts';

export const GATE_PARTS = Symbol('parts of the resource gate');

export interface ResourceGateParts {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: KeySource;
  readonly revocations: RevocationView;
  readonly dpop: ProofJudging;
  readonly clock: Clock;
  readonly audit: Audit;
}

/**
 * Stands around every handler of the API, on the route that was matched and not on the text of the URL: whatever spelling
 * of a path reaches a handler has come through here. One request, one decision, one audit event, from the certificate
 * to the last account rule.
 */
@Injectable()
export class ResourceGate implements NestInterceptor {
  readonly #parts: ResourceGateParts;

  constructor(@Inject(GATE_PARTS) parts: ResourceGateParts) {
    this.#parts = parts;
  }

  async intercept(context: ExecutionContext, next: CallHandler<object>): Promise<Observable<object>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    this.#tellNextNonce(request, http.getResponse<FastifyReply>());
    const rule = ruleOf(context.getHandler());
    const answer = await audited(this.#parts.audit, rule.audit, trailOf(request), async (trail) => {
      await this.#admit(request, rule, trail);
      return lastValueFrom(next.handle());
    });
    return of(answer);
  }

  // RFC9449-8.2: whoever sends a proof is told the nonce of the next, whatever the answer.
  #tellNextNonce(request: FastifyRequest, reply: FastifyReply): void {
    if (dpopOf(request).length === 0) return;
    reply.header(DPOP_NONCE_HEADER, this.#parts.dpop.nonces.issue(this.#parts.clock.now()));
  }

  async #admit(request: FastifyRequest, rule: RouteRule, trail: Trail): Promise<void> {
    checkInteraction(request.headers, interactionOf(request));
    checkNoBody(request.headers);
    const caller = await this.#verify(request, trail);
    checkAccept(request.headers.accept);
    const query = checkQuery(queryOf(request), rule.query);
    const { id = '' } = request.params as { readonly id?: string };
    admit(request, { caller, read: { accountId: id, query, note: (facts) => note(trail, facts) } });
  }

  /** The engine's verdict; what it would have written as an event of its own becomes part of this decision's event. */
  async #verify(request: FastifyRequest, trail: Trail): Promise<VerifiedCaller> {
    const engine = createResourceServer({ ...this.#parts, audit: (verdict) => fold(verdict, trail) });
    return engine.verifyRequest({
      authorization: authorizationOf(request),
      dpop: dpopOf(request),
      method: request.method,
      url: request.url,
      peer: peerOf(request),
      interaction: interactionOf(request),
    });
  }
}

function trailOf(request: FastifyRequest): Trail {
  const peer = peerOf(request);
  return {
    interaction: interactionOf(request),
    ...(peer === undefined ? {} : { presentedThumbprint: peer.thumbprint }),
  };
}

function fold({ client, subject, grant, evidence }: AuditEvent, trail: Trail): void {
  if (client !== undefined) trail.client = client;
  if (subject !== undefined) trail.subject = subject;
  if (grant !== undefined) trail.grant = grant;
  if (evidence !== undefined) note(trail, evidence);
}

function note(trail: Trail, facts: Readonly<Record<string, string>>): void {
  trail.evidence = { ...trail.evidence, ...facts };
}
