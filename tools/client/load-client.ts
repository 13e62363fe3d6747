import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PlatformTrouble } from '../platform/trouble.ts';
import { clientFileSchema, firstFault } from './client-file.ts';
import type { ClientFile } from './client-file.ts';

/** A certificate with its private key, as PEM texts that belong together. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

/** A client file with everything it points to read in. */
export interface LoadedClient {
  readonly file: ClientFile;
  readonly identity: TlsIdentity | undefined;
  /** PEM of the authorities that servers are judged by; undefined for the public ones. */
  readonly trust: string | undefined;
  readonly notification: (TlsIdentity & { readonly host: string; readonly endpoint: URL }) | undefined;
}

/**
 * Finds a client file: a path, or the name of one in `<home>/test-clients`.
 * @throws PlatformTrouble when there is none
 */
export function findClientFile(name: string, home: string, from: string): string {
  const asPath = resolve(from, name);
  const registered = join(home, 'test-clients', `${name}.json`);
  const found = [asPath, registered].find((file) => existsSync(file) && statSync(file).isFile());
  if (found !== undefined) return found;
  throw new PlatformTrouble(
    `there is no client ${name}: neither ${asPath} nor ${registered} is a file`,
    'Give the path of a client file, or a name from the folder test-clients of the home.',
  );
}

/** @throws PlatformTrouble naming the file and the first thing that is wrong with it */
export function loadClientFile(file: string): LoadedClient {
  const text = readText(file);
  // Almost every client file holds a private key, and a key every user can read is nobody's.
  checkMode(file);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new PlatformTrouble(`${file} is not JSON`, 'A client file is one JSON object.', { cause });
  }
  return loadClient(content, dirname(file), file);
}

/**
 * Judges the content of a client file and reads what it points to.
 * @param folder where relative paths begin
 * @param name what the content is called in messages
 * @throws PlatformTrouble naming the first thing that is wrong
 */
export function loadClient(content: unknown, folder: string, name = 'the client file'): LoadedClient {
  const parsed = clientFileSchema.safeParse(content);
  if (!parsed.success) {
    throw new PlatformTrouble(
      `${name}: ${firstFault(parsed.error)}`,
      'The fields are described in tools/client/client-file.ts.',
    );
  }
  const file = parsed.data;
  const pem = (text: string): string => (text.startsWith('-----BEGIN') ? text : readText(resolve(folder, text)));
  const secret = (text: string): string => {
    if (!text.startsWith('-----BEGIN')) checkMode(resolve(folder, text));
    return pem(text);
  };
  const identity = (pair: { certificate?: string | undefined; key?: string | undefined } | undefined) =>
    pair?.certificate === undefined || pair.key === undefined
      ? undefined
      : checkPair({ certificate: pem(pair.certificate), key: secret(pair.key) }, name);
  return {
    file,
    identity: identity(file),
    trust: file.trust === 'public' ? undefined : checkTrust(pem(file.trust), name),
    notification: notificationOf(file, identity(file.ciba?.notification)),
  };
}

function notificationOf({ ciba }: ClientFile, identity: TlsIdentity | undefined): LoadedClient['notification'] {
  const endpoint = ciba?.backchannel_client_notification_endpoint;
  if (endpoint === undefined || identity === undefined || ciba?.notification === undefined) return undefined;
  return { ...identity, host: ciba.notification.host, endpoint: new URL(endpoint) };
}

function checkPair(pair: TlsIdentity, name: string): TlsIdentity {
  const [certificate, key] = readable(() => [new X509Certificate(pair.certificate), createPrivateKey(pair.key)], name);
  if (!certificate.checkPrivateKey(key))
    throw new PlatformTrouble(`${name}: key is not the key of certificate`, 'Give the pair that was made together.');
  if (certificate.validToDate <= new Date()) {
    const ended = certificate.validToDate.toISOString();
    throw new PlatformTrouble(
      `${name}: the certificate expired at ${ended}`,
      'Have it renewed: npm start does for the platform.',
    );
  }
  return pair;
}

/** An empty or unreadable bundle would silently mean the public authorities. */
function checkTrust(pem: string, name: string): string {
  readable(() => [new X509Certificate(pem)], name);
  return pem;
}

function readable<T>(read: () => T, name: string): T {
  try {
    return read();
  } catch (cause) {
    throw new PlatformTrouble(
      `${name}: certificate, key or trust is not PEM that can be read`,
      'Give PEM text or the path of a PEM file; a private key without a password.',
      { cause },
    );
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new PlatformTrouble(`${file} cannot be read (${code})`, 'Paths in a client file begin in its own folder.', {
      cause,
    });
  }
}

function checkMode(file: string): void {
  if (process.platform === 'win32' || (statSync(file).mode & 0o007) === 0) return;
  throw new PlatformTrouble(`${file} can be read by every user of this machine`, `Run: chmod 600 ${file}`);
}
