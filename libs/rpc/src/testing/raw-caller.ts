import { ChannelCredentials, Client, Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import type { Trust } from '@holdfast/mtls';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';

/** A caller that is not ours: grpc-js as anybody would use it, with whatever certificate it likes. */
export interface RawCaller {
  /** Sends an empty request and answers with the status the server gave, by name. */
  call(path: string, options?: { metadata?: Record<string, string>; deadlineMs?: number }): Promise<RawAnswer>;
  close(): void;
}

export interface RawAnswer {
  readonly code: keyof typeof status;
  readonly details: string;
}

export type Leaf = ReturnType<ThrowAwayPki['leaf']>;

/** A caller that trusts `serverTrust` and presents `leaf`, or nothing. */
export function rawCaller(port: number, serverTrust: Trust, leaf?: Leaf, tls: SecureContextOptions = {}): RawCaller {
  const pair = leaf ? { cert: leaf.certificatePem, key: leaf.keyPem } : {};
  const context = createSecureContext({ ca: serverTrust.pem, ...pair, ...tls });
  return rawCallerOver(port, ChannelCredentials.createFromSecureContext(context));
}

/** A caller over any credentials at all. */
export function rawCallerOver(port: number, credentials: ChannelCredentials): RawCaller {
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  const client = new Client(`loopback:rpc.bank.localhost:${port}`, credentials, options);
  return {
    close: () => client.close(),
    call(path, { metadata = {}, deadlineMs } = {}) {
      const headers = new Metadata();
      for (const [name, value] of Object.entries(metadata)) headers.set(name, value);
      const until = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
      const empty = Buffer.alloc(0);
      return new Promise((resolve) => {
        // A stream: it receives a plain answer as well, so every method can be called the same way.
        const stream = client.makeServerStreamRequest(
          path,
          () => empty,
          (bytes) => bytes,
          empty,
          headers,
          until,
        );
        stream.on('data', () => {
          resolve({ code: 'OK', details: '' });
          stream.cancel();
        });
        stream.on('end', () => resolve({ code: 'OK', details: '' }));
        stream.on('error', (error: ServiceError) =>
          resolve({ code: status[error.code] as keyof typeof status, details: error.details }),
        );
      });
    },
  };
}
