import type { ClientRegistry } from '@holdfast/fapi/as';
import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import type { Config } from '../config.ts';

/**
 * The clients that may decide in the place of a person, where the configuration has the `demo` setting; undefined where
 * it has not. Says so in the log, because nobody should find out by accident.
 *
 * @throws StartUpError when one of them is not registered, or has no certificate to be known by
 */
export async function decidersFrom(
  { config, log }: Pick<ProcessContext<Config>, 'config' | 'log'>,
  registry: ClientRegistry,
): Promise<readonly string[] | undefined> {
  const deciders = config.demo?.cibaApproval.clients;
  if (deciders === undefined) return undefined;
  for (const id of deciders) {
    const client = await registry.find(id);
    if (client === undefined || client.authentication.method === 'private_key_jwt')
      throw new StartUpError(
        `demo.cibaApproval names "${id}", which is no client that authenticates with a certificate`,
        'Name a registered client, or take the setting out.',
      );
  }
  log.warn({ clients: deciders }, 'for demonstrations: these clients may decide in the place of any person');
  return deciders;
}
