import { experimental } from '@grpc/grpc-js';
import type { NameResolution } from '@holdfast/mtls';
import { RpcConfigError } from './config-error.ts';

const SCHEME = 'loopback';
const HOST_AND_PORT = /^([a-z0-9-]+(?:\.[a-z0-9-]+)*):([0-9]{1,5})$/;

/**
 * Answers every name with 127.0.0.1, without asking anybody. Only the address is decided here: the name stays what the
 * certificate is checked against.
 */
class LoopbackResolver implements experimental.Resolver {
  readonly #target: experimental.GrpcUri;
  readonly #listener: experimental.ResolverListener;
  #answered = false;

  constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#target = target;
    this.#listener = listener;
  }

  /**
   * Answers once. Every failed connection asks again, and an answer makes the channel look at its connection again: the
   * same answer each time would be a loop that leaves nothing else to run.
   */
  updateResolution(): void {
    if (this.#answered) return;
    this.#answered = true;
    const port = Number(HOST_AND_PORT.exec(this.#target.path)?.[2]);
    const endpoints = experimental.statusOrFromValue([{ addresses: [{ host: '127.0.0.1', port }] }]);
    // Never within the call itself: the channel is not ready to listen yet.
    process.nextTick(() => this.#listener(endpoints, {}, null, ''));
  }

  destroy(): void {
    this.#answered = false;
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    return target.path;
  }
}

experimental.registerResolver(SCHEME, LoopbackResolver);

/**
 * The target as grpc-js takes it, with the way its name is resolved in front.
 * @param target `host:port`.
 * @param names with `loopback`, `localhost` and names under it are 127.0.0.1 (RFC 6761-6.3); all else asks the system.
 * @throws RpcConfigError when the target is not `host:port`.
 */
export function channelTarget(target: string, names: NameResolution): string {
  const host = HOST_AND_PORT.exec(target)?.[1];
  if (host === undefined)
    throw new RpcConfigError(`"${target}" is not host:port`, 'write it like rpc.bank.localhost:9545');
  const loopback = names === 'loopback' && (host === 'localhost' || host.endsWith('.localhost'));
  return `${loopback ? SCHEME : 'dns'}:${target}`;
}
