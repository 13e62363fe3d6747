import { OAuthError } from '@holdfast/fapi';
import { registeredClient } from '@holdfast/fapi/as';
import type {
  ClientRegistration,
  ClientRegistry,
  DynamicRegistration,
  Engine,
  RegisteredClient,
} from '@holdfast/fapi/as';

/** Clients remembered at most. Our choice, no clause: more than a demonstration has, little enough to hold. */
const REMEMBERED = 1_000;

/**
 * Clients of the configuration, then those that registered themselves. The store is asked every time, so that every replica
 * knows of a registration, an update and a removal at once; what is remembered is only how the same row was read before, with
 * the same key objects, because importing a key is dear.
 *
 * @param disabled ids of registered clients that the operator has switched off
 */
export function allClients(
  configured: ClientRegistry,
  registration: DynamicRegistration | undefined,
  engine: Pick<Engine, 'profile' | 'profiles' | 'detailTypes'>,
  disabled: readonly string[],
): ClientRegistry {
  if (registration === undefined) return configured;
  const read = new Map<string, { text: string; client: RegisteredClient }>();
  const clientOf = (kept: ClientRegistration): RegisteredClient | undefined => {
    const text = JSON.stringify([kept.profile, kept.metadata]);
    const known = read.get(kept.clientId);
    if (known?.text === text) return known.client;
    if (read.size >= REMEMBERED) read.clear();
    const client = stillPermitted(() => registeredClient(engine, registration, kept));
    if (client === undefined) return undefined;
    const named = { ...client, disabled: disabled.includes(kept.clientId) };
    read.set(kept.clientId, { text, client: named });
    return named;
  };
  return {
    async find(clientId) {
      const found = await configured.find(clientId);
      if (found !== undefined) return found;
      const kept = await registration.registrations.find(clientId);
      // A profile that is not in force any more takes its clients along.
      return kept !== undefined && engine.profiles.includes(kept.profile) ? clientOf(kept) : undefined;
    },
  };
}

// What a newer version of this server no longer permits was registered under an older one: that client is none any more.
function stillPermitted(read: () => RegisteredClient): RegisteredClient | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}
