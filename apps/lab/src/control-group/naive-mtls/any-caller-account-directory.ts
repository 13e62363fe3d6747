import type { ServiceDefinition, UntypedServiceImplementation, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { HeldCertificate } from '../../wire/caller.ts';
import { encodeBytes, encodeMessage, readString } from '../../wire/protobuf.ts';
import { ALICE } from '../weak-customers.ts';

export interface WeakRpcServer {
  readonly address: string;
  close(): Promise<void>;
}

const SERVICE = 'holdfast.bank.v1.AccountDirectory';

/**
 * The bank's internal account directory, on the naive assumption that the internal network is a circle of friends: any
 * caller may call any method.
 *
 * @param asksForCertificate `false`: TLS as `createSsl` sets it up when the third argument is left out, and nobody has
 *   to show anything. `true`: callers are authenticated, and that is mistaken for permission.
 */
export async function startAnyCallerAccountDirectory(
  own: HeldCertificate,
  trustedRoot: string,
  asksForCertificate: boolean,
): Promise<WeakRpcServer> {
  const pair = { private_key: Buffer.from(own.keyPem), cert_chain: Buffer.from(own.certificatePem) };
  const server = new Server();
  // Lost here: there is no list of who may call what, so there is nothing to look up.
  server.addService(definition(['ListShareableAccounts', 'AuthorizeConsent']), handlers);
  const secure = ServerCredentials.createSsl(Buffer.from(trustedRoot), [pair], asksForCertificate);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', secure, (error, bound) => (error === null ? resolve(bound) : reject(error))),
  );
  return { address: `127.0.0.1:${port}`, close: async () => server.forceShutdown() };
}

const handlers: UntypedServiceImplementation = {
  ListShareableAccounts: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
    const isAlice = readString(call.request, 1) === ALICE.login;
    reply(
      null,
      isAlice ? encodeBytes(1, encodeMessage({ 1: ALICE.accountId, 2: `balance ${ALICE.balance}` })) : Buffer.alloc(0),
    );
  },
  AuthorizeConsent: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
    reply(null, encodeBytes(1, encodeMessage({ 1: `weak-consent-of-${readString(call.request, 2)}` })));
  },
};

function definition(methods: readonly string[]): ServiceDefinition {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const method = (name: string) => ({
    path: `/${SERVICE}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  });
  return Object.fromEntries(methods.map((name) => [name, method(name)]));
}
