import type { Trail } from '../../audit.ts';
import type { Parameters } from '../../form.ts';
import type { Confirmation } from '../../wire/confirmation.ts';
import type { RegisteredClient } from '../clients.ts';

/** What every grant works with: who asks is known, and what the tokens will be bound to. */
export interface TokenRequest {
  readonly client: RegisteredClient;
  readonly form: Parameters;
  readonly cnf: Confirmation;
  readonly trail: Trail;
}
