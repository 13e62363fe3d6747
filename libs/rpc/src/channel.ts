import { ChannelCredentials, Client } from '@grpc/grpc-js';
import type { ChannelOptions } from '@grpc/grpc-js';
import { clientTls, faultOfServer } from '@holdfast/mtls';
import type { CertificateReason, IdentitySource, NameResolution, PeerCertificate } from '@holdfast/mtls';
import { checkServerIdentity as checkHostName, createSecureContext } from 'node:tls';
import type { PeerCertificate as HandshakeCertificate } from 'node:tls';
import { RECONNECT, RPC_LIMITS } from './limits.ts';
import { channelTarget } from './loopback-resolver.ts';
import { RpcError } from './rpc-error.ts';
import { judgeServer } from './server-identity.ts';
import type { ServerRefusal, ServerRules } from './server-identity.ts';

export interface ChannelSettings extends ServerRules {
  /** `host:port`. */
  readonly target: string;
  readonly identity: IdentitySource;
  readonly names: NameResolution;
  readonly onServerRefused: (refusal: ServerRefusal) => void;
}

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.initial_reconnect_backoff_ms': RECONNECT.firstMs,
  'grpc.max_reconnect_backoff_ms': RECONNECT.longestMs,
  // After a restart in a container the same name has another address; the default would look it up after 30 s.
  'grpc.dns_min_time_between_resolutions_ms': RECONNECT.longestMs,
  'grpc.max_receive_message_length': RPC_LIMITS.messageBytes,
  'grpc.max_send_message_length': RPC_LIMITS.messageBytes,
  'grpc.keepalive_time_ms': RPC_LIMITS.keepaliveMs,
  'grpc.keepalive_timeout_ms': RPC_LIMITS.keepaliveTimeoutMs,
  'grpc.keepalive_permit_without_calls': 1,
  // A TXT record must not decide how often a call is sent.
  'grpc.service_config_disable_resolution': 1,
  // An environment variable must not send this traffic to a proxy.
  'grpc.enable_http_proxy': 0,
  // Retiring a line closes its connection; a shared pool would keep it, with the old certificate, for another line.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
};

/** One connection's worth of channel: made from one identity and one set of authorities, both as they were then. */
class Line {
  readonly client: Client;
  readonly #settings: ChannelSettings;
  readonly #cuts = new Set<() => void>();
  #server: PeerCertificate | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(settings: ChannelSettings) {
    const { target, identity, names, expected, servers } = settings;
    this.#settings = settings;
    const tls = clientTls({ identity, serverTrust: servers.trust.current(), names });
    const checkName = tls.checkServerIdentity ?? checkHostName;
    const checkServerIdentity = (host: string, presented: HandshakeCertificate): Error | undefined => {
      const verdict = judgeServer(settings, presented, () => checkName(host, presented));
      if ('certificate' in verdict) {
        this.#server = verdict.certificate;
        return undefined;
      }
      settings.onServerRefused({ target, expected, ...verdict });
      return new Error(`the server is not ${expected}: ${verdict.reason}`);
    };
    const credentials = ChannelCredentials.createFromSecureContext(createSecureContext(tls), { checkServerIdentity });
    this.client = new Client(channelTarget(target, names), credentials, CHANNEL_OPTIONS);
  }

  /** What has become of the server's certificate since the handshake; an open connection would not notice. */
  fault(): CertificateReason | undefined {
    const { servers, now } = this.#settings;
    return this.#server && faultOfServer(this.#server, servers, now());
  }

  /**
   * Counts a call as open.
   * @param cut ends it early, when the line has no more time.
   * @returns what to do once the call is over.
   */
  begin(cut: () => void): () => void {
    this.#cuts.add(cut);
    return () => {
      this.#cuts.delete(cut);
      if (this.#cuts.size === 0) this.#whenEmpty?.();
    };
  }

  /** Closes the connection once its calls are over, or after `graceMs`, whichever is first. Takes no new calls. */
  async retire(graceMs: number): Promise<void> {
    if (this.#cuts.size > 0) {
      let late: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
        late = setTimeout(resolve, graceMs);
      });
      clearTimeout(late);
      for (const cut of this.#cuts) cut();
    }
    this.client.close();
  }
}

/** The channel to one server: the line in use, and its replacement whenever the certificates change. */
export class Channel {
  readonly #settings: ChannelSettings;
  readonly #unsubscribe: readonly (() => void)[];
  #line: Line;
  #closed: Promise<void> | undefined;

  constructor(settings: ChannelSettings) {
    this.#settings = settings;
    this.#line = new Line(settings);
    const { identity, servers } = settings;
    const renew = () => this.#renew();
    const reviewing = setInterval(() => this.#dropRevoked(), RPC_LIMITS.reviewMs).unref();
    this.#unsubscribe = [
      identity.onChange(renew),
      servers.trust.onChange(renew),
      servers.revocations.onChange(() => this.#dropRevoked()),
      () => clearInterval(reviewing),
    ];
  }

  /** The line for the next call; undefined once the channel is closed. */
  line(): Line | undefined {
    if (this.#closed) return undefined;
    // The next handshake says why, and refuses it there.
    if (this.#line.fault() !== undefined) this.#renew();
    return this.#line;
  }

  /** Resolves when a connection stands on which both sides have accepted each other. */
  ready(timeoutMs: number): Promise<void> {
    const { target } = this.#settings;
    const line = this.line();
    if (line === undefined) return Promise.reject(new RpcError('cancelled', `the client of ${target} is closed`));
    const end = line.begin(() => {});
    return new Promise((resolve, reject) => {
      line.client.waitForReady(new Date(Date.now() + timeoutMs), (cause) => {
        end();
        if (cause) reject(new RpcError('unavailable', `no connection to ${target} in ${timeoutMs} ms`, { cause }));
        else resolve();
      });
    });
  }

  close(): Promise<void> {
    for (const stop of this.#unsubscribe) stop();
    return (this.#closed ??= this.#line.retire(RPC_LIMITS.unaryMs));
  }

  /** New calls go over a new connection at once; those in flight finish on the old one, unless they have no time left. */
  #renew(graceMs = RPC_LIMITS.unaryMs): void {
    const old = this.#line;
    this.#line = new Line(this.#settings);
    void old.retire(graceMs);
  }

  /** What a revoked server still answers is nobody's word. */
  #dropRevoked(): void {
    const fault = this.#line.fault();
    if (fault === 'certificate_revoked' || fault === 'revocation_unknown') this.#renew(0);
  }
}
