import type { Audit, Clock, OAuthError } from '@holdfast/fapi';
import type { ForwardedDoor, ForwardedFields } from '@holdfast/mtls';
import { CertificateError, ClientCertFieldError, forwardedCertificates } from '@holdfast/mtls';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from '../answer/refuse-here.ts';
import { headerValues, interactionOf } from '../request/headers.ts';
import type { Presented } from '../request/peer.ts';

const CLIENT_CERT = 'client-cert';
const CLIENT_CERT_CHAIN = 'client-cert-chain';

/** Reads, of every request, the certificate that the proxy says its client has. */
export class ForwardedPeers {
  readonly #certificates: ReturnType<typeof forwardedCertificates>;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #read = new WeakMap<FastifyRequest, { readonly presented: Presented }>();

  constructor(clients: ForwardedDoor, { clock, audit }: { readonly clock: Clock; readonly audit: Audit }) {
    this.#certificates = forwardedCertificates(clients);
    this.#clock = clock;
    this.#audit = audit;
  }

  /**
   * Reads the fields of one request, before anything else looks at it. A request on which they are malformed is refused on every
   * route: a proxy that lets a client's own header through makes it so, and then nothing it says can be believed.
   * @throws OAuthError `invalid_request` for a field that is not exactly one of RFC 9440
   */
  read(request: FastifyRequest): void {
    this.#read.set(request, { presented: this.#presentedIn(request) });
  }

  /** What the client behind the proxy has presented: a certificate, something that is none, or nothing. */
  presentedIn(request: FastifyRequest): Presented {
    const read = this.#read.get(request);
    if (read === undefined) throw new Error('a request was not read at the edge');
    return read.presented;
  }

  #presentedIn(request: FastifyRequest): Presented {
    try {
      const fields = fieldsOf(request);
      return fields && this.#certificates.read(fields, this.#clock.now());
    } catch (error) {
      // The client's own doing, and no fault of the proxy: it is told where somebody asks for its certificate.
      if (error instanceof CertificateError) return error;
      if (error instanceof ClientCertFieldError) throw this.#refusalOf(error, request);
      throw error;
    }
  }

  #refusalOf({ message: problem }: ClientCertFieldError, request: FastifyRequest): OAuthError {
    const refusal = refuseHere(request, 'invalid_request', 'client_cert_field_malformed', { problem });
    const { code: error, reason, evidence } = refusal;
    const interaction = interactionOf(request);
    this.#audit({ action: 'host.edge', outcome: 'refused', reason, error, evidence, interaction });
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
