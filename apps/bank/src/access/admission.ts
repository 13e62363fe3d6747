import type { Parameters } from '@holdfast/fapi';
import type { VerifiedCaller } from '@holdfast/fapi/rs';
import type { FastifyRequest } from 'fastify';

/** A read, after its form was judged. */
export interface ReadRequest {
  /** The account of the path; empty on a route without one. */
  readonly accountId: string;
  /** The route's own query parameters, each at most once. */
  readonly query: Parameters;
  /** Adds facts to the audit event of this decision: ids, never values. */
  readonly note: (facts: Readonly<Record<string, string>>) => void;
}

/** What the gate hands to a handler. */
export interface Admission {
  readonly caller: VerifiedCaller;
  readonly read: ReadRequest;
}

const admissions = new WeakMap<FastifyRequest, Admission>();

/** For the gate alone: from here on the request counts as admitted. */
export function admit(request: FastifyRequest, admission: Admission): void {
  admissions.set(request, admission);
}

/** @throws Error when the gate has not admitted the request; there is no anonymous caller */
export function admissionOf(request: FastifyRequest): Admission {
  const admission = admissions.get(request);
  if (admission) return admission;
  throw new Error('a handler was reached past the gate');
}
