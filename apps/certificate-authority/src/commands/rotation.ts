import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import { authorityNames } from '@holdfast/pki';
import type { AuthorityName } from '@holdfast/pki';
import { listOf, openAuthorityStore } from '../authority-store.ts';
import type { Config } from '../config.ts';
import { Rotations } from '../rotation/rotation.ts';
import type { RotationStatus } from '../rotation/rotation.ts';
import type { CommandValues } from './command-values.ts';

/** `--begin-rotation=<purpose> [--kind=root]`, and with a purpose `--advance-`, `--abandon-rotation`, `--rotation-status`: answer in JSON. */
export const rotationCommands = {
  'begin-rotation': (rotations, purpose, values) =>
    rotations.begin(purpose, values.get('kind') === 'root' ? 'root' : 'intermediate'),
  'advance-rotation': (rotations, purpose) => rotations.advance(purpose),
  'abandon-rotation': (rotations, purpose) => rotations.abandon(purpose),
  'rotation-status': (rotations, purpose) => rotations.status(purpose),
} as const satisfies Record<
  string,
  (rotations: Rotations, purpose: AuthorityName, values: CommandValues) => Promise<RotationStatus>
>;

/** @throws StartUpError for a purpose that does not exist, or a rotation that cannot be what is asked for */
export async function rotation(
  ctx: ProcessContext<Config>,
  command: keyof typeof rotationCommands,
  values: CommandValues,
): Promise<string> {
  const asked = values.get(command);
  const purpose = authorityNames.find((name) => name === asked);
  if (purpose === undefined)
    throw new StartUpError(`--${command}=${asked ?? ''} names no purpose`, `One of ${authorityNames.join(', ')} does.`);
  const store = await openAuthorityStore(ctx);
  try {
    const status = await rotationCommands[command](new Rotations(store.db, ctx, listOf(ctx)), purpose, values);
    return JSON.stringify(status);
  } finally {
    await store.close();
  }
}
