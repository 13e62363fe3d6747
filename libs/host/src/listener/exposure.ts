import { StartUpError } from '../process/start-up-error.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

/** A route as the table writes it: `GET /accounts/:accountId`. */
export type RouteKey = `${Method} /${string}`;

/**
 * Everything one listener serves, and for each route the rule that guards it, in words. A registered route that is not in
 * the table stops the boot, and so does a row that no route answers to: forgetting a guard is not a way to open a door.
 */
export type Exposure = Readonly<Record<RouteKey, string>>;

/** Always served: supervisors and monitors ask them, and they tell nothing that a handshake does not show, or would help anybody. */
export const HEALTH_ROUTES = ['GET /livez', 'GET /readyz', 'GET /health', 'GET /metrics'] as const;

export const isHealthPath = (path: string | undefined): boolean => HEALTH_ROUTES.some((key) => key === `GET ${path}`);

/** The routes a listener really has, held against the table. */
export class RouteTable {
  readonly #listener: string;
  readonly #exposure: ReadonlyMap<string, string>;
  readonly #registered = new Map<string, { method: string; pattern: RegExp }>();

  constructor(listener: string, exposure: Exposure) {
    this.#listener = listener;
    this.#exposure = new Map(Object.entries(exposure));
  }

  /** Called for each route the framework registers. */
  register(methods: string | readonly string[], url: string): void {
    for (const method of [methods].flat())
      this.#registered.set(`${method} ${url}`, { method, pattern: patternOf(url) });
  }

  /** @throws StartUpError when table and routes differ, or a row has no rule */
  check(): void {
    const registered = [...this.#registered.keys()].filter((key) => !isHealthRoute(key));
    const unlisted = registered.filter((key) => !this.#exposure.has(key));
    const unserved = [...this.#exposure.keys()].filter((key) => !registered.includes(key));
    const unguarded = [...this.#exposure].filter(([, rule]) => rule.trim() === '').map(([key]) => key);
    this.#stop(unlisted, 'serves routes that its exposure table does not list', 'List each with the rule guarding it.');
    this.#stop(
      unserved,
      'lists routes in its exposure table that nothing serves',
      'Remove the rows, or the typing error.',
    );
    this.#stop(unguarded, 'lists routes without a rule', 'Say in words what guards each.');
  }

  /** Whether a matched route may be served. Asked on every request, though `check` has said so for all. */
  isExposed(key: string): boolean {
    return this.#exposure.has(key) || isHealthRoute(key);
  }

  isHealth(key: string): boolean {
    return isHealthRoute(key);
  }

  /** Methods under which this path is served; for the Allow header of a 405 only, never for a decision to serve. */
  methodsFor(path: string): readonly string[] {
    return [...this.#registered.values()].filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  }

  #stop(routes: readonly string[], problem: string, remedy: string): void {
    if (routes.length > 0)
      throw new StartUpError(`the ${this.#listener} listener ${problem}: ${routes.join(', ')}`, remedy);
  }
}

function isHealthRoute(key: string): boolean {
  return (HEALTH_ROUTES as readonly string[]).includes(key);
}

/** `/accounts/:id` as a pattern for whole paths; a wildcard takes the rest. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[^\w~-]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
