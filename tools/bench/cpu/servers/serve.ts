import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { Server, ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadIdentity, loadTrust } from '@holdfast/mtls';
import type { IdentitySource, Trust } from '@holdfast/mtls';
import { DOORS } from '../issue-doors.ts';

/** Longer than any slice of a benchmark: a connection must not be closed under a request of the load. Milliseconds. */
export const KEEP_ALIVE = 120_000;

/** Keys and certificates of Holdfast's own listeners, so that every contender presents the same ones. */
export interface Doors {
  readonly browser: IdentitySource;
  readonly mtls: IdentitySource;
  readonly clients: Trust;
}

export function doorsOf(home: string): Doors {
  const identity = (name: string): IdentitySource =>
    loadIdentity({ certificate: join(home, 'pki', `${name}.crt`), key: join(home, 'pki', `${name}.key`) });
  return {
    browser: identity(DOORS.browser),
    mtls: identity(DOORS.mtls),
    clients: loadTrust(join(home, 'pki/trust/participants.pem')),
  };
}

/** The home named on the command line. */
export function homeOfArguments(): string {
  const [, , home] = process.argv;
  if (home === undefined) throw new Error('the home is missing');
  return home;
}

/** A TLS server on a free port of the loopback, whose answers come from `listener` once it is known. */
export async function listen(tls: ServerOptions, listener: () => RequestListener): Promise<number> {
  const server: Server = createServer({ ...tls, keepAliveTimeout: KEEP_ALIVE }, (...exchange) =>
    listener()(...exchange),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Tells the parent where we are, and ends with it. */
export function announce(issuer: string): void {
  process.on('disconnect', () => process.exit(0));
  process.send?.({ issuer });
}
