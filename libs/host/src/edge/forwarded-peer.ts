import type { Audit, Clock } from '@holdfast/fapi';
import type { ForwardedFields, PeerCertificate } from '@holdfast/mtls';
import { CertificateError, ClientCertFieldError, forwardedCertificates } from '@holdfast/mtls';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';
import { headerValues, interactionOf } from '../request/headers.ts';
import type { ProxiedEdge } from './proxied-edge.ts';

const CLIENT_CERT = 'client-cert';
const CLIENT_CERT_CHAIN = 'client-cert-chain';

type Refusal = ReturnType<typeof refuseHere>;

/** Reads, of every request, the certificate that the proxy says its client has. */
export class ForwardedPeers {
  readonly #certificates: ReturnType<typeof forwardedCertificates>;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #read = new WeakMap<FastifyRequest, { readonly peer: PeerCertificate | undefined }>();

  constructor({ clientTrust }: ProxiedEdge, { clock, audit }: { readonly clock: Clock; readonly audit: Audit }) {
    this.#certificates = forwardedCertificates(clientTrust);
    this.#clock = clock;
    this.#audit = audit;
  }

  /**
   * Reads the fields of one request, before anything else looks at it. A request on which they are malformed is refused on every
   * route: a proxy that lets a client's own header through makes it so, and then nothing it says can be believed.
   * @throws OAuthError `invalid_request` for a field that is not exactly one of RFC 9440; `invalid_client` for no certificate in it
   */
  read(request: FastifyRequest): void {
    this.#read.set(request, { peer: this.#peerIn(request) });
  }

  /** The certificate of the client behind the proxy, or undefined when it presented none. */
  peerOf(request: FastifyRequest): PeerCertificate | undefined {
    const read = this.#read.get(request);
    if (read === undefined) throw new Error('a request was not read at the edge');
    return read.peer;
  }

  #peerIn(request: FastifyRequest): PeerCertificate | undefined {
    try {
      const fields = fieldsOf(request);
      return fields && this.#certificates.read(fields, this.#clock.now());
    } catch (error) {
      throw this.#refusalOf(error, request);
    }
  }

  #refusalOf(error: unknown, request: FastifyRequest): Refusal {
    if (error instanceof ClientCertFieldError)
      return this.#written(
        request,
        refuseHere(request, 'invalid_request', 'client_cert_field_malformed', { problem: error.message }),
      );
    if (error instanceof CertificateError)
      return this.#written(
        request,
        refuseHere(request, 'invalid_client', 'certificate_unreadable', { problem: error.message }),
      );
    throw error;
  }

  #written(request: FastifyRequest, refusal: Refusal): Refusal {
    const { code: error, reason, evidence } = refusal;
    this.#audit({
      action: 'host.edge',
      outcome: 'refused',
      reason,
      error,
      evidence,
      interaction: interactionOf(request),
    });
    return refusal;
  }
}

/**
 * RFC9440-2.4 [EDGE-03]: at most one of each. Counted in the raw list, because Node joins two into one text with a comma, and then the
 * client's own would stand in front of what the proxy adds.
 */
function fieldsOf(request: FastifyRequest): ForwardedFields | undefined {
  const clientCert = onlyOne(request, CLIENT_CERT);
  const clientCertChain = onlyOne(request, CLIENT_CERT_CHAIN);
  if (clientCert !== undefined) return { clientCert, clientCertChain };
  if (clientCertChain === undefined) return undefined;
  throw new ClientCertFieldError('a chain without a certificate');
}

function onlyOne(request: FastifyRequest, name: string): string | undefined {
  const [value, ...others] = headerValues(request, name);
  if (others.length > 0) throw new ClientCertFieldError(`${name} more than once`);
  return value;
}
