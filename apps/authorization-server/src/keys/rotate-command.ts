import { phaseOf, removalAfter } from '@holdfast/fapi/as';
import type { Generation, NamedGeneration } from '@holdfast/fapi/as';
import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import { openStore } from '@holdfast/store';
import type { Config } from '../config.ts';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { openSigningKeys } from './signing-keys.ts';

/**
 * Rotates the signing keys once, beside the running processes, which find the new ones in the store.
 * @returns what changes and when, as lines to print
 * @throws StartUpError while the keys of the last rotation wait for their turn
 */
export async function rotateSigningKeys(ctx: ProcessContext<Pick<Config, 'store' | 'signingKeys'>>): Promise<string> {
  const store = await openStore<AuthorizationTables>(ctx.config.store, { home: ctx.home, migrations });
  try {
    const { ring, watch, rotate } = await openSigningKeys(ctx, store);
    const outcome = await rotate('command');
    await watch.look();
    const [newest] = ring.generations.slice(-1);
    if (outcome === 'pending' && newest !== undefined)
      throw new StartUpError(
        `nothing was rotated: generation ${newest.number} is published and waits for its turn`,
        `It signs from ${utc(newest.signsFrom)}; rotate again after that.`,
      );
    const what = outcome === 'rotated' ? 'New signing keys are published.' : 'Another process rotated at this moment.';
    return [what, ...ring.generations.flatMap((it) => told(it, ring.generations, ctx.clock.now()))].join('\n');
  } finally {
    await store.close();
  }
}

/** One generation in words: what it does now, what comes next and when, and the names of its keys. */
export function told(generation: NamedGeneration, ring: readonly Generation[], now: Date): string[] {
  const successor = ring.find(({ number }) => number > generation.number);
  const end = successor && `published until ${utc(removalAfter(successor))}`;
  const words = {
    published: `published, signs from ${utc(generation.signsFrom)}`,
    signing: successor ? `signs until ${utc(successor.signsFrom)}, then ${end}` : 'signs',
    retired: `signs no more, ${end}`,
    removed: 'about to be removed',
  };
  return [
    `generation ${generation.number}: ${words[phaseOf(generation, ring, now)]}`,
    ...generation.kids.map(({ alg, kid }) => `  ${alg}  ${kid}`),
  ];
}

/** Rounded up: at that second it has happened. */
const utc = (date: Date): string => `${new Date(Math.ceil(date.getTime() / 1000) * 1000).toISOString().slice(0, 19)}Z`;
