import { randomUUID } from 'node:crypto';
import type { ServiceError } from '@grpc/grpc-js';
import { Client, credentials, status } from '@grpc/grpc-js';
import type { Caller } from './caller.ts';
import { thumbprintOf } from './caller.ts';
import type { Exchange } from './https-call.ts';
import type { WireAnswer } from './wire-answer.ts';

export interface GrpcRequest {
  /** `127.0.0.1:9545` */
  readonly address: string;
  /** The name the server's certificate must carry. */
  readonly serverName: string;
  /** `holdfast.bank.v1.AccountDirectory/ListShareableAccounts` */
  readonly method: string;
  readonly message: Buffer;
  /** Server streams are read up to their first message. */
  readonly stream?: boolean;
}

const DEADLINE_MS = 5_000;
const asIs = (bytes: Buffer): Buffer => bytes;

/** One gRPC call with hand-written bytes, on a channel of its own. */
export async function grpcCall(caller: Caller, request: GrpcRequest): Promise<Exchange> {
  const client = new Client(request.address, channelCredentials(caller), {
    'grpc.ssl_target_name_override': request.serverName,
    'grpc.default_authority': request.serverName,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  try {
    const message = await (request.stream === true ? firstOf : unary)(client, request);
    return exchangeOf(caller, request, { kind: 'grpc', code: status.OK, message: '' }, message);
  } catch (error) {
    return exchangeOf(caller, request, answerOf(error as ServiceError));
  } finally {
    client.close();
  }
}

function channelCredentials(caller: Caller) {
  const { certificate, route } = caller;
  return credentials.createSsl(
    Buffer.from(route.serverTrust),
    certificate === undefined ? null : Buffer.from(certificate.keyPem),
    certificate === undefined ? null : Buffer.from(certificate.certificatePem),
  );
}

function unary(client: Client, request: GrpcRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + DEADLINE_MS };
    client.makeUnaryRequest(`/${request.method}`, asIs, asIs, request.message, options, (error, answer) => {
      if (error !== null) reject(error);
      else resolve(answer ?? Buffer.alloc(0));
    });
  });
}

function firstOf(client: Client, request: GrpcRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + DEADLINE_MS };
    const stream = client.makeServerStreamRequest(`/${request.method}`, asIs, asIs, request.message, options);
    stream.once('data', (message: Buffer) => {
      resolve(message);
      stream.cancel();
    });
    stream.on('error', reject);
    stream.once('end', () => resolve(Buffer.alloc(0)));
  });
}

/** gRPC calls everything that goes wrong below it "unavailable"; whether anybody was there must be read from the text. */
function answerOf(error: ServiceError): WireAnswer {
  const nobodyThere = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|Name resolution failed/.test(error.message);
  if (nobodyThere || error.code === status.DEADLINE_EXCEEDED)
    return { kind: 'unreachable', code: nobodyThere ? 'ECONNREFUSED' : 'deadline exceeded' };
  return { kind: 'grpc', code: error.code, message: error.details };
}

function exchangeOf(caller: Caller, request: GrpcRequest, answer: WireAnswer, message?: Buffer): Exchange {
  const thumbprint = caller.certificate === undefined ? undefined : thumbprintOf(caller.certificate.certificatePem);
  const line = `gRPC ${request.serverName} ${request.method}`;
  const sent = { caller: caller.name, thumbprint, line, headers: [], form: [], interaction: randomUUID() };
  const exchange = { sent, answer, status: 0, headers: new Map(), setCookies: [], body: '' };
  return message === undefined ? exchange : { ...exchange, message };
}
