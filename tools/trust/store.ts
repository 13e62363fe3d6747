import type { Command, Machine } from './machine.ts';
import type { WebRoot } from './web-root.ts';

/** A place where a machine or a browser keeps the roots it trusts. */
export interface TrustStore {
  /** For a person: whose it is, and where. */
  readonly name: string;
  holds(root: WebRoot): Promise<boolean>;
  add(root: WebRoot): readonly Command[];
  remove(root: WebRoot): readonly Command[];
  /** Commands that remove every root of ours, those of homes that are gone included. */
  removeAll(): Promise<readonly Command[]>;
}

/** A place that cannot be reached from here, and how a person does it by hand. */
export interface OutOfReach {
  readonly name: string;
  readonly why: string;
  readonly byHand: (root: WebRoot) => string;
}

export interface Stores {
  readonly stores: readonly TrustStore[];
  readonly outOfReach: readonly OutOfReach[];
}

/** Makes stores out of what is on the machine. */
export type FindStores = (machine: Machine) => Stores;

export const asUser = (program: string, ...args: readonly string[]): Command => ({ program, args, asRoot: false });
export const asRoot = (program: string, ...args: readonly string[]): Command => ({ program, args, asRoot: true });
