import type { Command, Machine } from './machine.ts';
import { shownCommand } from './machine.ts';
import { nssStores } from './nss-stores.ts';
import type { Stores, TrustStore } from './store.ts';
import { systemStores } from './system-stores.ts';
import type { WebRoot } from './web-root.ts';

/** Every store of a machine that this command knows. */
export function storesOf(machine: Machine): Stores {
  const [system, nss] = [systemStores(machine), nssStores(machine)];
  return {
    stores: [...system.stores, ...nss.stores],
    outOfReach: [...system.outOfReach, ...nss.outOfReach],
  };
}

/** What became of one store. */
export type Outcome =
  | { readonly kind: 'unchanged' | 'done' }
  /** For the person to run: needs root, or nothing was to be changed. */
  | { readonly kind: 'shown'; readonly commands: readonly string[] }
  | { readonly kind: 'failed'; readonly command: string; readonly said: string };

export interface Wish {
  /** Show and change nothing. */
  readonly dryRun: boolean;
  /** Runs what needs root with sudo, which asks for the password by itself; else it is shown. */
  readonly sudo: boolean;
  /** Hears of every command before it is run. */
  readonly tell: (command: string) => void;
}

/** Puts a root into a store, once. */
export async function trustIn(store: TrustStore, root: WebRoot, machine: Machine, wish: Wish): Promise<Outcome> {
  return (await store.holds(root)) ? { kind: 'unchanged' } : carryOut(store.add(root), machine, wish);
}

/** Takes a root out of a store, or every root of ours. */
export async function untrustIn(
  store: TrustStore,
  root: WebRoot | 'all',
  machine: Machine,
  wish: Wish,
): Promise<Outcome> {
  if (root === 'all') return carryOut(await store.removeAll(), machine, wish);
  return (await store.holds(root)) ? carryOut(store.remove(root), machine, wish) : { kind: 'unchanged' };
}

/** All of the commands or none: half of them would leave a store that says one thing and does another. */
async function carryOut(commands: readonly Command[], machine: Machine, wish: Wish): Promise<Outcome> {
  if (commands.length === 0) return { kind: 'unchanged' };
  const needsRoot = commands.some(({ asRoot }) => asRoot) && !machine.isRoot;
  if (wish.dryRun || (needsRoot && !wish.sudo))
    return { kind: 'shown', commands: commands.map((command) => shownCommand(command, machine.isRoot)) };
  for (const command of commands) {
    const shown = shownCommand(command, machine.isRoot);
    wish.tell(shown);
    const { program, args } = command.asRoot && !machine.isRoot ? withSudo(command) : command;
    const { code, output } = await machine.run(program, args);
    if (code !== 0) return { kind: 'failed', command: shown, said: output.trim() };
  }
  return { kind: 'done' };
}

const withSudo = ({ program, args }: Command) => ({ program: 'sudo', args: [program, ...args] });
