import { RpcConfigError } from './config-error.ts';
import { methodName } from './service-definition.ts';
import type { RpcServiceDefinition } from './service-definition.ts';
import { parseServiceName } from './service-identity.ts';

/** Who may call each method: `{ "holdfast.bank.v1.AccountDirectory/RevokeConsent": ["authorization-server"] }`. */
export type CallerLists = Readonly<Record<string, readonly string[]>>;

/** The lists after the checks at boot: every served method has one, none is empty. */
export interface CallerPolicy {
  /** True only when `service` is on the list of `method`. An unknown method has no callers. */
  allows(method: string, service: string): boolean;
}

/**
 * Checks the lists against what is served. The default is closed, and a list that guards nothing is as much a mistake
 * as a method that nothing guards: a misspelt name leaves its method either open or dead, so neither boots.
 * @throws RpcConfigError
 */
export function checkCallerLists(definitions: readonly RpcServiceDefinition[], lists: CallerLists): CallerPolicy {
  const served = definitions.flatMap((definition) => Object.values(definition).map(methodName));
  for (const name of Object.keys(lists)) {
    if (!served.includes(name)) {
      throw new RpcConfigError(`callers are listed for ${name}, which is not served`, 'correct the name or remove it');
    }
  }
  const callers = new Map(served.map((name) => [name, parseCallers(name, lists)] as const));
  return { allows: (method, service) => callers.get(method)?.has(service) ?? false };
}

function parseCallers(method: string, lists: CallerLists): ReadonlySet<string> {
  const listed = Object.hasOwn(lists, method) ? (lists[method] ?? []) : undefined;
  if (listed === undefined) {
    throw new RpcConfigError(
      `nobody is listed as a caller of ${method}`,
      `add "${method}": ["<service>"] to the callers`,
    );
  }
  if (listed.length === 0) {
    throw new RpcConfigError(
      `the callers of ${method} are an empty list`,
      'name at least one service, or serve it not',
    );
  }
  return new Set(listed.map(parseServiceName));
}
