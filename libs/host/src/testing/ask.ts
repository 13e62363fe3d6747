import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { IdentitySource } from '@holdfast/mtls';
import { clientTls } from '@holdfast/mtls';
import { pki } from './door.ts';

/** An answer as a client sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** Presented when asked for a certificate. */
  readonly identity?: IdentitySource;
  readonly host?: string;
}

const HOST = 'mtls.auth.localhost';

/** One request on a connection of its own, by a client that verifies the server. */
export async function ask(port: number, path: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, host = HOST } = question;
  const tls = tlsOf(question);
  const request = httpsRequest({ ...tls, host, port, path, method, headers, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

/** A form, posted. */
export function post(port: number, path: string, body: string, question: Question = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...question.headers };
  return ask(port, path, { method: 'POST', body, ...question, headers });
}

/** An open connection on which bytes are sent as they are. */
export async function dial(port: number, question: Pick<Question, 'identity' | 'host'> = {}): Promise<TLSSocket> {
  const { host = HOST } = question;
  const socket = connect({ ...tlsOf(question), host, port, servername: host, ALPNProtocols: ['http/1.1'] });
  await once(socket, 'secureConnect');
  return socket;
}

/** An open connection to a listener that presents the certificate of a service. */
export async function dialService(port: number, host: string, identity?: IdentitySource): Promise<TLSSocket> {
  const options = { serverTrust: pki.services.trust, names: 'loopback' as const, ...(identity && { identity }) };
  const socket = connect({ ...clientTls(options), host, port, servername: host, ALPNProtocols: ['http/1.1'] });
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends bytes as they are and reads until the server closes. */
export async function sendRaw(port: number, bytes: string | Buffer, question: Question = {}): Promise<string> {
  const socket = await dial(port, question);
  socket.write(bytes);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}

function tlsOf({ identity }: Pick<Question, 'identity'>) {
  const trust = { serverTrust: pki.web.trust, names: 'loopback' as const };
  return clientTls(identity === undefined ? trust : { ...trust, identity });
}
