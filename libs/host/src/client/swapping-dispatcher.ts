import type { Agent } from 'undici';
import { Dispatcher } from 'undici';

/** Hands calls to an agent that can be replaced: new calls go to the new one, the old one finishes what it has. */
export class SwappingDispatcher extends Dispatcher {
  readonly #create: () => Agent;
  readonly #before: () => void;
  #agent: Agent;
  readonly #retiring = new Set<Promise<void>>();

  /** @param before runs before every call is handed on */
  constructor(create: () => Agent, before: () => void) {
    super();
    this.#before = before;
    this.#create = create;
    this.#agent = create();
  }

  swap(): void {
    const retired = this.#agent;
    this.#agent = this.#create();
    const closing = retired.close().finally(() => this.#retiring.delete(closing));
    this.#retiring.add(closing);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (new URL(String(options.origin)).protocol !== 'https:') throw new TypeError('only https is spoken here');
    this.#before();
    return this.#agent.dispatch(options, handler);
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    const closed = Promise.all([this.#agent.close(), ...this.#retiring]).then(() => undefined);
    return callback === undefined ? closed : void closed.then(callback);
  }
}
