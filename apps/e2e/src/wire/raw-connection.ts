import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Holder, PemIdentity } from './http.ts';

export interface Door {
  readonly home: string;
  /** Name and port to connect to, on loopback. */
  readonly address: string;
  /** The root that the certificate of the listener is verified with. */
  readonly trust: 'web' | 'services';
}

const PATIENCE = 5_000;

/**
 * Sends bytes as they are over one TLS connection.
 * @returns what comes back before the server closes; nothing when it says nothing
 */
export function sendBytes(
  { home, address, trust }: Door,
  bytes: string,
  holder?: Holder | PemIdentity,
): Promise<string> {
  const file = (name: string): string => readFileSync(join(home, 'pki', name), 'utf8');
  const identity = typeof holder === 'string' ? { cert: file(`${holder}.crt`), key: file(`${holder}.key`) } : holder;
  const { hostname: servername, port } = new URL(`https://${address}`);
  const ca = file(`trust/${trust}.pem`);
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect({ host: '127.0.0.1', port: Number(port), servername, ca, ...identity });
    socket.setTimeout(PATIENCE, () => reject(new Error(`no end after ${PATIENCE} ms, but: ${heard}`)));
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    // Torn is an answer too: the empty one.
    socket.on('error', () => undefined).on('close', () => resolve(heard));
    socket.write(bytes, 'latin1');
  });
}

/** The status of an answer as it came; undefined for none. */
export const statusOf = (heard: string): number | undefined =>
  heard === '' ? undefined : Number(/^HTTP\/1\.1 (\d{3}) /.exec(heard)?.[1]);
