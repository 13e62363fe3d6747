import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { Agent, request as requestOver } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Platform } from '../../platform/index.ts';
import { Client } from '../cpu/client.ts';
import type { Metadata } from '../cpu/client.ts';
import { Http } from '../cpu/http.ts';
import type { Victim } from './victims.ts';

/** One way in, for one certificate. */
export interface Door {
  readonly name: string;
  /** Tries it once. */
  admits(): Promise<boolean>;
  close(): void;
}

const read = (home: string, name: string): string => readFileSync(join(home, 'pki/trust', `${name}.pem`), 'utf8');

/** The developer's certificate at the token endpoint and at the bank: on a connection that stays open, on new ones, on resumed ones. */
export async function doorsOfParticipants(platform: Platform, victim: Victim): Promise<readonly Door[]> {
  const { home, urls } = platform;
  const tls = { ca: read(home, 'web'), cert: victim.cert, key: victim.key, minVersion: 'TLSv1.3' } as const;
  const token = { url: `${urls.mtlsIssuer}/token`, form: 'grant_type=client_credentials&client_id=developer' };
  const bank = { url: `${urls.bank}/accounts`, bearer: await tokenOf(platform, victim) };
  return [['authorization server', token] as const, ['bank', bank] as const].flatMap(([name, question]) => [
    httpDoor(`${name}, connection that stays open`, question, new Agent({ ...tls, keepAlive: true, maxSockets: 1 })),
    httpDoor(`${name}, new connection`, question, new Agent({ ...tls, keepAlive: false })),
    resumingDoor(`${name}, resumed session`, question, tls),
  ]);
}

/** A token of Alice's for her accounts, bound to the certificate. */
async function tokenOf({ home, urls }: Platform, { holder }: Victim): Promise<string> {
  const [backChannel, browser] = [new Http(home, 1, holder), new Http(home, 1)];
  const actions = ['list_accounts', 'read_balances', 'read_transactions'];
  const details = JSON.stringify([{ type: 'account_information', actions, locations: [urls.bank] }]);
  const person = { login: 'alice', password: 'alice-demo' };
  try {
    const { text } = await browser.ask(`${urls.issuer}/.well-known/openid-configuration`);
    const client = new Client({ metadata: JSON.parse(text) as Metadata, backChannel, browser, details, person });
    return (await client.pass(await client.loggedIn())).access_token;
  } finally {
    backChannel.hangUp();
    browser.hangUp();
  }
}

interface Question {
  readonly url: string;
  readonly form?: string;
  readonly bearer?: string;
}

const admitted = ({ status }: { status: number }): boolean => status === 200;

function httpDoor(name: string, question: Question, agent: Agent): Door {
  const admits = () => ask(question, agent).then(admitted, () => false);
  return { name, admits, close: () => agent.destroy() };
}

/** Each try offers the session of the one before, as a client does that wants to spare itself the handshake. */
function resumingDoor(name: string, question: Question, tls: object): Door {
  let session: Buffer | undefined;
  const admits = async (): Promise<boolean> => {
    const agent = new Agent({ ...tls, keepAlive: false, maxCachedSessions: 0, ...(session && { session }) });
    try {
      const answer = await ask(question, agent, (socket) => socket.on('session', (fresh: Buffer) => (session = fresh)));
      return admitted(answer);
    } catch {
      return false;
    } finally {
      agent.destroy();
    }
  };
  return { name, admits, close: () => {} };
}

function ask(
  { url, form, bearer }: Question,
  agent: Agent,
  onSocket: (socket: TLSSocket) => void = () => {},
): Promise<{ status: number; text: string }> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = requestOver(
      {
        agent,
        host: '127.0.0.1',
        servername: hostname,
        port,
        path: pathname,
        method: form === undefined ? 'GET' : 'POST',
        timeout: 5_000,
        headers: {
          host: `${hostname}:${port}`,
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        answer.on('error', reject).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    sent.on('socket', (socket) => onSocket(socket as TLSSocket));
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject).end(form);
  });
}

const INTROSPECT = '/holdfast.authorization.v1.TokenStatus/Introspect';
const WATCH = '/holdfast.authorization.v1.TokenStatus/WatchRevocations';
/** `token_id` and `grant_id` of a token that nobody has: the answer says that it is not active. */
const QUESTION = Buffer.from('0a0178120178', 'hex');
/** Statuses of gRPC that mean the caller: permission denied, unavailable, unauthenticated. */
const REFUSALS = ['7', '14', '16'];

/** The bank's certificate at the authorization server's internal door: a stream, calls on an open channel, new channels. */
export async function doorsOfServices({ home, urls }: Platform, victim: Victim): Promise<readonly Door[]> {
  const [host = '', port = ''] = urls.authorizationServerRpc.split(':');
  const tls = { ca: read(home, 'services'), cert: victim.cert, key: victim.key, minVersion: 'TLSv1.3' } as const;
  const open = (): ClientHttp2Session => {
    const way = { ...tls, host: '127.0.0.1', port: Number(port), servername: host, ALPNProtocols: ['h2'] };
    const session = connect(`https://${host}:${port}`, { createConnection: () => connectTls(way) });
    return session.on('error', () => {});
  };
  return [
    await streamDoor('between services, open stream', open()),
    channelDoor('between services, open channel', open),
    { name: 'between services, new connection', admits: () => callOnce(open()), close: () => {} },
  ];
}

/** One connection for all calls; where the server sends it away, as it does after every change of trust, the next call brings another. */
function channelDoor(name: string, open: () => ClientHttp2Session): Door {
  let session = open();
  const admits = (): Promise<boolean> => {
    if (session.closed || session.destroyed) session = open();
    return call(session);
  };
  return { name, admits, close: () => session.destroy() };
}

/** One message as gRPC frames it: not compressed, its length, the message. */
function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function request(session: ClientHttp2Session, path: string, message: Buffer): ClientHttp2Stream {
  const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(headers);
  stream.end(framed(message));
  return stream;
}

function call(session: ClientHttp2Session): Promise<boolean> {
  const stream = request(session, INTROSPECT, QUESTION);
  return new Promise((resolve) => {
    let status: string | undefined;
    const note = (headers: IncomingHttpHeaders): void => {
      const told = headers['grpc-status'];
      if (typeof told === 'string') status = told;
    };
    stream
      .on('response', note)
      .on('trailers', note)
      .on('error', () => {})
      .resume();
    stream.once('close', () => resolve(status !== undefined && !REFUSALS.includes(status)));
  });
}

async function callOnce(session: ClientHttp2Session): Promise<boolean> {
  try {
    return await call(session);
  } finally {
    session.destroy();
  }
}

/** A stream lives until somebody ends it. */
async function streamDoor(name: string, session: ClientHttp2Session): Promise<Door> {
  const stream = request(session, WATCH, Buffer.alloc(0));
  let alive = true;
  stream.on('error', () => (alive = false)).on('close', () => (alive = false));
  await new Promise<void>((resolve) => stream.once('data', () => resolve()).once('close', resolve));
  stream.resume();
  return { name, admits: () => Promise.resolve(alive), close: () => session.destroy() };
}
