import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Whoever sits at the command line of the certificate authority. */
export interface Operator {
  /** Takes every certificate of this name back. @throws Error with what the command said */
  revoke(name: string): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/**
 * The operator of the deployment: no attacker, and no code of the lab. What a person would type is typed.
 * @param command the program and its first arguments
 */
export function operatorBy([program = '', ...args]: readonly string[], home: string): Operator {
  return {
    async revoke(name) {
      const line = [...args, 'revoke', name, '--reason', 'keyCompromise', '--home', home];
      await promisify(execFile)(program, line, { timeout: TIMEOUT_MS });
    },
  };
}
