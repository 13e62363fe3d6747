import { CertificateError, CertificateRefused, judgeClientCertificate, withStanding } from '@holdfast/mtls';
import type { PeerCertificate, PeerTrust } from '@holdfast/mtls';
import type { CallerPolicy } from './caller-policy.ts';
import type { KnownCallers } from './known-callers.ts';
import { PeerRefused, serviceOf } from './service-identity.ts';
import type { PeerReason } from './service-identity.ts';

/** A call that may go on: which service makes it, and until when its certificate vouches for that. */
export interface Caller {
  readonly service: string;
  readonly certificate: PeerCertificate;
  readonly until: Date;
}

/** What calls are judged by. */
export interface CallerRules {
  readonly policy: CallerPolicy;
  /** Whose certificates are taken. */
  readonly peers: PeerTrust;
  readonly known: KnownCallers;
}

/** What was decided about one call, or about a connection before there was a call, for the audit. Never sent to the caller. */
export interface RpcDecision {
  /** `holdfast.bank.v1.AccountDirectory/RevokeConsent`; undefined when the connection itself was refused. */
  readonly method: string | undefined;
  readonly outcome: 'allowed' | 'refused';
  /** Why it was refused. */
  readonly reason: PeerReason | undefined;
  /** The calling service, when its certificate names one. */
  readonly caller: string | undefined;
  /** The URI names in the certificate, as presented. */
  readonly presented: readonly string[];
  /** `x5t#S256` of the certificate, when there was one. */
  readonly thumbprint: string | undefined;
  /** OpenSSL's word for what was wrong, when the connection itself was refused. */
  readonly handshake?: string;
}

/**
 * Judges one call from the certificate of its connection: in force now, of an authority that is trusted now, not taken
 * back, meant for clients, naming exactly one service, and that service listed for the method. Whatever the caller writes into headers or messages is not looked at.
 * @param der the leaf that the handshake verified against the services' authorities, if there was one.
 */
export function judgeCaller(
  { policy, peers, known }: CallerRules,
  method: string,
  der: Uint8Array | undefined,
  now: Date,
): { readonly decision: RpcDecision; readonly caller?: Caller } {
  let certificate: PeerCertificate | undefined;
  let service: string | undefined;
  let reason: PeerReason | undefined;
  try {
    certificate = der && known.read(der);
    const judged = judgeClientCertificate(certificate && withStanding(certificate, peers, now), now);
    service = serviceOf(judged);
    if (!policy.allows(method, service)) throw new PeerRefused('caller_not_listed');
    return {
      decision: decided('allowed'),
      caller: { service, certificate: certificate ?? judged, until: judged.notAfter },
    };
  } catch (refusal) {
    reason = reasonOf(refusal);
    return { decision: decided('refused') };
  }

  function decided(outcome: RpcDecision['outcome']): RpcDecision {
    const presented = certificate?.uris ?? [];
    return { method, outcome, reason, caller: service, presented, thumbprint: certificate?.thumbprint };
  }
}

function reasonOf(refusal: unknown): PeerReason {
  if (refusal instanceof CertificateRefused) return refusal.reason;
  if (refusal instanceof PeerRefused) return refusal.reason;
  if (refusal instanceof CertificateError) return `certificate_${refusal.code}`;
  throw refusal;
}
