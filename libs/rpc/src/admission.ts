import { ServerInterceptingCall } from '@grpc/grpc-js';
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js';
import { judgeCaller } from './caller.ts';
import type { Caller, CallerRules, RpcDecision } from './caller.ts';
import type { RpcLimits } from './limits.ts';
import type { OpenCalls } from './open-calls.ts';
import { wireStatus } from './rpc-error.ts';
import type { WireStatus } from './rpc-error.ts';

export interface AdmissionOptions extends CallerRules {
  readonly limits: RpcLimits;
  readonly now: () => Date;
  readonly onDecision: (decision: RpcDecision) => void;
  /** Filled for every admitted call. Keyed by the metadata object itself, so nothing written in a header gets in. */
  readonly admitted: WeakMap<Metadata, Caller>;
  readonly open: OpenCalls;
}

/**
 * The gate before every handler; runs before a byte of the request is read.
 *
 * The certificate is judged again on each call: the handshake looked at it once, and a channel that stays open would go
 * on carrying calls after the certificate has expired or was taken back.
 */
export function admission(options: AdmissionOptions): ServerInterceptor {
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) => {
        const name = method.path.slice(1);
        const verdict = admit(options, name, call.getAuthContext().sslPeerCertificate?.raw);
        if ('refusal' in verdict) {
          call.sendStatus(verdict.refusal);
          return;
        }
        const life = longestLife(options, method.responseStream, verdict.caller);
        const end = setTimeout(() => call.sendStatus(life.status), life.ms);
        const over = options.open.begin({
          method: name,
          certificate: verdict.caller.certificate,
          refuse: () => call.sendStatus(wireStatus('permission_denied')),
        });
        next({
          onReceiveMetadata: (metadata, pass) => {
            options.admitted.set(metadata, verdict.caller);
            pass(metadata);
          },
          onCancel: () => {
            clearTimeout(end);
            over();
          },
        });
      },
    });
}

/** A decision that cannot be made or recorded is a refusal too. */
function admit(
  options: AdmissionOptions,
  method: string,
  der: Uint8Array | undefined,
): { readonly caller: Caller } | { readonly refusal: WireStatus } {
  try {
    const { decision, caller } = judgeCaller(options, method, der, options.now());
    options.onDecision(decision);
    return caller ? { caller } : { refusal: wireStatus('permission_denied') };
  } catch {
    return { refusal: wireStatus('internal') };
  }
}

/**
 * Ends every open call whose caller was revoked meanwhile, or of whom nobody can tell any more, in the middle of a stream too, with
 * a decision of its own for the audit. A caller whose authority has left the bundle finishes what it has begun: nothing is known
 * against it.
 */
export function endCallsOfTheRevoked(options: AdmissionOptions): void {
  const now = options.now();
  options.open.review(({ method, certificate }) => {
    const { decision } = judgeCaller(options, method, certificate.der, now);
    const isRevoked = options.peers.revocations.statusOf(certificate, now) === 'revoked';
    if (!isRevoked && decision.reason !== 'revocation_unknown') return false;
    try {
      options.onDecision(decision);
    } catch {
      // What cannot be recorded is ended all the same.
    }
    return true;
  });
}

/** No call outlives our bound, whatever deadline the caller set or left out, and none outlives the certificate it came with. */
function longestLife(options: AdmissionOptions, stream: boolean, caller: Caller): { ms: number; status: WireStatus } {
  const ours = stream ? options.limits.streamMs : options.limits.unaryMs;
  const certificate = Math.max(0, caller.until.getTime() - options.now().getTime());
  return certificate < ours
    ? { ms: certificate, status: wireStatus('permission_denied') }
    : { ms: ours, status: wireStatus('deadline_exceeded') };
}
