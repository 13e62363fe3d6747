/** Readiness is the conjunction of all checks; a check fails by throwing. */
export interface Health {
  /**
   * @param name shown by `/readyz` when the check fails, so it must tell nothing secret
   * @param check throws, or rejects, when the process should get no traffic
   */
  add(name: string, check: () => Promise<void> | void): void;
}
