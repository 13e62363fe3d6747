import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Holder, PemIdentity } from './http.ts';

/** https://grpc.io/docs/guides/status-codes/; `UNAVAILABLE` is what a client says for a connection that never stood. */
export const RPC = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  DEADLINE: 4,
  NOT_FOUND: 5,
  DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
};

export interface RpcQuestion {
  /** `host:port`, as the platform names it. */
  readonly target: string;
  /** `holdfast.bank.v1.AccountDirectory/RevokeConsent`. */
  readonly method: string;
  /** Whose certificate is shown; none when absent. */
  readonly holder?: Holder | PemIdentity;
  /** The message in protobuf; an empty one when absent. */
  readonly message?: Buffer;
}

export interface RpcAnswer {
  readonly code: number;
  readonly words: string;
  readonly message: Buffer | undefined;
}

const DEADLINE = 5_000;

/** One gRPC call by hand: HTTP/2 over TLS, a message with its five bytes before it, a status behind. A stream is read to its first message. */
export function rpcCall(
  home: string,
  { target, method, holder, message = Buffer.alloc(0) }: RpcQuestion,
): Promise<RpcAnswer> {
  const session = openSession(home, target, holder);
  return new Promise((resolve) => {
    const end = (code: number, words: string, answer?: Buffer): void => {
      session.destroy();
      resolve({ code, words, message: answer });
    };
    session.on('error', (error) => end(RPC.UNAVAILABLE, error.message));
    session.on('close', () => end(RPC.UNAVAILABLE, 'closed'));
    session.setTimeout(DEADLINE, () => end(RPC.DEADLINE, 'no answer'));
    const headers = { ':method': 'POST', ':path': `/${method}`, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request(headers);
    const told = (fields: IncomingHttpHeaders): void => {
      const status = fields['grpc-status'];
      if (status !== undefined) end(Number(status), String(fields['grpc-message'] ?? ''), received);
    };
    let received: Buffer | undefined;
    stream.on('response', told).on('trailers', told);
    stream.on('error', (error) => end(RPC.UNAVAILABLE, error.message));
    stream.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received ?? Buffer.alloc(0), chunk]);
      // The end of a plain call comes with its status; a stream that goes on has answered with its first message.
      setTimeout(() => end(RPC.OK, 'a stream', received?.subarray(5)), 250);
    });
    const length = Buffer.alloc(5);
    length.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([length, message]));
  });
}

/** A stream that stays open: what comes is counted, and how it ends is told. */
export interface RpcStream {
  readonly heard: () => number;
  readonly isOpen: () => boolean;
  close(): void;
}

/** Opens a stream of the server by hand, to be watched while the world around it changes. */
export function rpcStream(home: string, { target, method, holder }: RpcQuestion): RpcStream {
  const session = openSession(home, target, holder);
  let [heard, open] = [0, true];
  const end = (): void => void (open = false);
  session.on('error', end).on('close', end);
  const headers = { ':method': 'POST', ':path': `/${method}`, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(headers);
  stream
    .on('error', end)
    .on('close', end)
    .on('data', () => heard++);
  stream.end(Buffer.alloc(5));
  return { heard: () => heard, isOpen: () => open, close: () => session.destroy() };
}

function openSession(home: string, target: string, holder: RpcQuestion['holder']): ClientHttp2Session {
  const { hostname, port } = new URL(`https://${target}`);
  const file = (name: string): string => readFileSync(join(home, 'pki', name), 'utf8');
  const identity = typeof holder === 'string' ? { cert: file(`${holder}.crt`), key: file(`${holder}.key`) } : holder;
  return connectHttp2(`https://${target}`, {
    createConnection: () =>
      connect({
        host: '127.0.0.1',
        port: Number(port),
        servername: hostname,
        ca: file('trust/services.pem'),
        ALPNProtocols: ['h2'],
        ...identity,
      }),
  });
}

/** Fields of a message by number, as protobuf writes them; a list is a repeated field. */
export function protobuf(fields: Readonly<Record<number, string | number | readonly string[]>>): Buffer {
  const parts = Object.entries(fields).flatMap(([number, value]) =>
    [value].flat().map((each) => (typeof each === 'number' ? varintField(number, each) : textField(number, each))),
  );
  return Buffer.concat(parts);
}

const [VARINT, LENGTH_DELIMITED] = [0, 2];

const varintField = (number: string, value: number): Buffer =>
  Buffer.from([...varint((Number(number) << 3) | VARINT), ...varint(value)]);

function textField(number: string, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([
    Buffer.from([...varint((Number(number) << 3) | LENGTH_DELIMITED), ...varint(bytes.length)]),
    bytes,
  ]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}
