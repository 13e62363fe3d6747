import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Holder } from './http.ts';

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** An HTTP request as these very bytes, for what no client library would send; one connection for each. */
export function rawRequest(home: string, origin: string, head: readonly string[], holder?: Holder): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  const file = (name: string): string => readFileSync(join(home, 'pki', name), 'utf8');
  const identity = holder === undefined ? {} : { cert: file(`${holder}.crt`), key: file(`${holder}.key`) };
  const [requestLine = '', ...headers] = head;
  const lines = [requestLine, `host: ${hostname}:${port}`, 'connection: close', ...headers, '', ''];
  return new Promise((resolve, reject) => {
    let text = '';
    const where = { host: '127.0.0.1', port: Number(port), servername: hostname, ca: file('trust/web.pem') };
    const socket = connect({ ...where, ...identity }, () => socket.write(lines.join('\r\n')));
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject).setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${requestLine}`)));
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text }));
  });
}
