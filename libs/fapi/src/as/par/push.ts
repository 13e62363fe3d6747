import { audited } from '../../audit.ts';
import { secondsAfter } from '../../clock.ts';
import { readForm } from '../../form.ts';
import { makeRequestUri } from '../../wire/request-uri.ts';
import { authenticateClient } from '../client-auth/authenticate.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';
import { checkAuthorizationParameters } from './authorization-parameters.ts';
import { codeBinding } from './code-binding.ts';
import { requestedParameters } from './requested-parameters.ts';

/** The answer to a pushed request. RFC9126-2.2 [PAR-01]. */
export interface PushedResponse {
  readonly request_uri: string;
  /** Seconds. */
  readonly expires_in: number;
}

/**
 * Takes an authorization request over the back channel. RFC9126-2, FAPI2-SP-FINAL-5.3.2.2-4 [PAR-04]: from a client that
 * has authenticated, and from nobody else.
 *
 * @returns the handle the browser carries instead of the request; answer with 201
 * @throws OAuthError `invalid_client` or the code of the parameter at fault
 */
export function pushAuthorizationRequest(as: Engine, request: EndpointRequest): Promise<PushedResponse> {
  return audited(as.audit, 'par.push', trailOf(request), async (trail) => {
    const form = readForm(request.form);
    const client = await authenticateClient(as, form, request, trail);
    const parameters = await requestedParameters(as, client, form);
    const wanted = checkAuthorizationParameters(as.profile, client, parameters);
    const binding = await codeBinding(as, client, parameters, request);

    const now = as.clock.now();
    const usableUntil = secondsAfter(now, as.profile.requestUriLifetime);
    const requestUri = makeRequestUri(as.random.token(as.profile.secretBits));
    // Kept longer than it may be taken up: whoever began in time may finish reading the consent page.
    const until = secondsAfter(usableUntil, as.profile.interactionLifetime);
    const pushed = { ...wanted, ...binding, usableUntil: usableUntil.getTime() };
    await as.state.createPushedRequest(requestUri, pushed, until);
    return { request_uri: requestUri, expires_in: as.profile.requestUriLifetime };
  });
}
