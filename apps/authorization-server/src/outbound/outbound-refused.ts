/** Why a call to an address that a client named was not made, or its answer not taken. For the audit trail, never for the wire. */
export type OutboundProblem =
  | 'url_unreadable'
  | 'scheme_not_https'
  | 'url_ambiguous'
  | 'host_not_permitted'
  | 'name_not_resolved'
  | 'address_not_public'
  | 'not_connected'
  | 'certificate_refused'
  | 'too_slow'
  | 'too_large'
  | 'redirected'
  | 'status_not_success'
  | 'not_json'
  | 'keys_unfit';

/** Thrown by everything in this folder that reaches out; nothing of it is shown to a client but that it did not work. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
  constructor(
    readonly problem: OutboundProblem,
    /** What the machine said, for the operator. */
    readonly detail?: string,
    options?: ErrorOptions,
  ) {
    super(detail === undefined ? problem : `${problem}: ${detail}`, options);
  }
}
