import { readFileSync } from 'node:fs';
import { OAuthError } from '@holdfast/fapi';
import { checkClientJwks } from '@holdfast/fapi/as';
import type { DynamicRegistration } from '@holdfast/fapi/as';
import type { ProcessContext } from '@holdfast/host';
import { StartUpError } from '@holdfast/host';
import type { TrustSource } from '@holdfast/mtls';
import type { Store } from '@holdfast/store';
import { authorityNamed, authorityNames } from '../clients/authorities.ts';
import type { ConfiguredClients } from '../clients/client-registry.ts';
import type { Config } from '../config.ts';
import { isPermitted } from '../outbound/permitted-url.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { storedRegistrations } from './stored-registrations.ts';

/**
 * The terms on which clients may register themselves; undefined when the configuration names none: then nobody may.
 * @throws StartUpError when the authority is not trusted here, or the keys of the directory cannot be used
 */
export function registrationFrom(
  { config, path }: Pick<ProcessContext<Config>, 'config' | 'path'>,
  store: Store<AuthorizationTables>,
  configured: ConfiguredClients,
  participants: TrustSource,
): DynamicRegistration | undefined {
  if (config.registration === undefined) return undefined;
  const { authority, directory } = config.registration;
  const known = authorityNames(participants);
  if (!known.includes(authority))
    throw new StartUpError(
      `registration names the authority "${authority}", which the participants' trust does not hold`,
      `Name one of: ${known.join(', ')}.`,
    );
  return {
    directory: { issuer: directory.issuer, keys: directoryKeys(path(directory.jwks)) },
    authority: authorityNamed(participants, authority),
    configured: configured.all,
    registrations: storedRegistrations(store),
    permitsUri: (uri) => isPermitted(uri, config.outbound?.hosts ?? []),
  };
}

function directoryKeys(file: string): DynamicRegistration['directory']['keys'] {
  try {
    return checkClientJwks(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const evidence = error instanceof OAuthError ? Object.values(error.evidence).join(': ') : '';
    const why = evidence || (error instanceof Error ? error.message : String(error));
    throw new StartUpError(
      `the keys of the directory in ${file} cannot be used: ${why}`,
      'Put the public keys of the directory there, as a JWK set.',
    );
  }
}
