import type {
  ClientRegistration,
  ClientRegistrations,
  RegistrationChange,
  RegistrationOutcome,
} from '../as/registration/registrations.ts';

/** Registrations in memory, for tests of rules. They pass the same contract as the stores; no process uses them. */
export class MemoryRegistrations implements ClientRegistrations {
  readonly rows = new Map<
    string,
    { registration: ClientRegistration; token: string; identifiers: readonly string[] }
  >();
  readonly statements = new Set<string>();

  register({ registration, identifiers, used }: RegistrationChange, token: string): Promise<RegistrationOutcome> {
    const obstacle = this.#obstacle(registration.clientId, identifiers, used);
    if (obstacle !== undefined) return Promise.resolve(obstacle);
    if (used !== undefined) this.statements.add(JSON.stringify([used.issuer, used.jti]));
    this.rows.set(registration.clientId, { registration, token, identifiers });
    return Promise.resolve({ kind: 'done' });
  }

  find(clientId: string): Promise<ClientRegistration | undefined> {
    return Promise.resolve(this.rows.get(clientId)?.registration);
  }

  findByToken(clientId: string, token: string): Promise<ClientRegistration | undefined> {
    const row = this.rows.get(clientId);
    return Promise.resolve(row?.token === token ? row.registration : undefined);
  }

  replace({ registration, identifiers, used }: RegistrationChange): Promise<RegistrationOutcome> {
    const row = this.rows.get(registration.clientId);
    if (row === undefined) return Promise.resolve({ kind: 'gone' });
    const obstacle = this.#obstacle(registration.clientId, identifiers, used);
    if (obstacle !== undefined) return Promise.resolve(obstacle);
    if (used !== undefined) this.statements.add(JSON.stringify([used.issuer, used.jti]));
    const { clientId, issuedAt } = row.registration;
    this.rows.set(clientId, { ...row, registration: { ...registration, clientId, issuedAt }, identifiers });
    return Promise.resolve({ kind: 'done' });
  }

  remove(clientId: string): Promise<boolean> {
    return Promise.resolve(this.rows.delete(clientId));
  }

  #obstacle(
    clientId: string,
    identifiers: readonly string[],
    used: RegistrationChange['used'],
  ): RegistrationOutcome | undefined {
    if (used !== undefined && this.statements.has(JSON.stringify([used.issuer, used.jti]))) return { kind: 'replayed' };
    const others = [...this.rows.values()].filter((row) => row.registration.clientId !== clientId);
    const theirs = new Set(others.flatMap((row) => row.identifiers));
    const identifier = identifiers.find((each) => theirs.has(each));
    return identifier === undefined ? undefined : { kind: 'taken', identifier };
  }
}
