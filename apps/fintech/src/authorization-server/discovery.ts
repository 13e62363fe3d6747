import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient, ProcessContext } from '@holdfast/host';
import * as client from 'openid-client';
import { Problem } from '../pages/problem.ts';
import { PROFILE } from '../profile.ts';
import { discoveryFault } from './faults.ts';
import { findMetadataFault } from './metadata-rules.ts';

export interface DiscoveryParts {
  /** As configured; compared to the letter. */
  readonly issuer: string;
  readonly clientId: string;
  /** Carries Tidepool's certificate. */
  readonly http: HttpClient;
  readonly ctx: Pick<ProcessContext<unknown>, 'log' | 'audit' | 'abort'>;
}

/**
 * Knows the bank's login service, once it has been reached. Asks for its metadata at the start, again and again until it
 * answers well, and now and then afterwards. Until then there is no configuration, and so no link can be started.
 */
export class Discovery {
  readonly #parts: DiscoveryParts;
  #configuration: client.Configuration | undefined;
  #fault: string | undefined = 'not_asked_yet';
  readonly #loop: Promise<void>;

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
    this.#loop = this.#keepAsking();
  }

  /** @throws Problem `login_service_unreachable` until the service has answered well */
  configuration(): client.Configuration {
    if (this.#configuration !== undefined) return this.#configuration;
    throw new Problem('login_service_unreachable', { reason: this.#fault ?? 'not_asked_yet' });
  }

  get reached(): boolean {
    return this.#configuration !== undefined;
  }

  /** Origin of the page to log in at; undefined until it is known. */
  get loginOrigin(): string | undefined {
    const endpoint = this.#configuration?.serverMetadata().authorization_endpoint;
    return endpoint === undefined ? undefined : new URL(endpoint).origin;
  }

  /** Resolves when the process shuts down and the last question has ended. */
  stopped(): Promise<void> {
    return this.#loop;
  }

  async #keepAsking(): Promise<void> {
    const { abort } = this.#parts.ctx;
    let pause: number = PROFILE.discoveryRetryFirst;
    while (!abort.aborted) {
      const answered = await this.#ask();
      await sleep(answered ? PROFILE.discoveryRenewEvery : pause, undefined, { signal: abort, ref: false }).catch(
        () => {},
      );
      pause = answered ? PROFILE.discoveryRetryFirst : Math.min(pause * 2, PROFILE.discoveryRetryLongest);
    }
  }

  async #ask(): Promise<boolean> {
    try {
      this.#configuration = await discover(this.#parts);
      if (this.#fault !== undefined) this.#report('allowed', undefined);
      this.#fault = undefined;
      return true;
    } catch (error) {
      const fault = discoveryFault(error);
      if (this.#fault !== fault) this.#report('refused', fault);
      this.#fault = fault;
      return false;
    }
  }

  /** Once per change: a service that is away for an hour is one event, not a thousand. */
  #report(outcome: 'allowed' | 'refused', reason: string | undefined): void {
    const { issuer, ctx } = this.#parts;
    if (ctx.abort.aborted) return;
    ctx.audit({ action: 'discovery', outcome, ...(reason === undefined ? {} : { reason }), evidence: { issuer } });
    if (reason === undefined) ctx.log.info({ issuer }, 'the login service of the bank is known');
    else ctx.log.warn({ issuer, reason }, 'the login service of the bank is not usable yet');
  }
}

/**
 * Fetches and judges the metadata. OIDC-DISCOVERY-4, FAPI2-SP-FINAL-5.3.3.1-9 [CLI-01], RFC8414-3.3. Redirects are
 * answers here, never followed.
 */
async function discover({ issuer, clientId, http }: DiscoveryParts): Promise<client.Configuration> {
  const configuration = await client.discovery(
    new URL(issuer),
    clientId,
    {
      // RFC8705-5, FAPI2-SP-FINAL-5.3.3.1-7 [CLI-02]
      use_mtls_endpoint_aliases: true,
      // OIDC-CORE-3.1.3.7 [CLI-22]: the algorithm is ours to choose, not the token's.
      id_token_signed_response_alg: 'ES256',
      [client.clockTolerance]: PROFILE.clockSkew / 1000,
    },
    // RFC8705-2.1: the certificate on the connection is the credential; the form carries the client_id alone.
    client.TlsClientAuth(),
    {
      [client.customFetch]: asFetch(http),
      timeout: PROFILE.callTimeout / 1000,
      // OIDC-CORE-3.1.3.7: with a direct TLS answer the signature need not be checked; it is checked all the same.
      execute: [client.enableNonRepudiationChecks],
    },
  );
  const fault = findMetadataFault(configuration.serverMetadata(), issuer);
  if (fault !== undefined) throw new Problem('login_service_refused', { reason: fault });
  return configuration;
}

/** undici's fetch and the global one have the same shape and differ only in the names of their types. */
const asFetch = (http: HttpClient): client.CustomFetch =>
  ((url: string, init: Parameters<HttpClient['fetch']>[1]) => http.fetch(url, init)) as unknown as client.CustomFetch;
