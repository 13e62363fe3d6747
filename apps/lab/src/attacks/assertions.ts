import type { RealStack } from '../real/real-stack.ts';
import type { Exchange } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import type { Secret } from '../wire/secret.ts';

/** A push in the signing client's name by somebody who has this assertion and nothing else. No certificate is asked for. */
export function pushInItsName(real: RealStack, made: Secret): Promise<Exchange> {
  const { assertion: client, discovery } = real;
  const form = client.authorizationRequest(client.newVerifier(), 'assertion');
  return httpsCall(real.caller('the thief'), {
    method: 'POST',
    url: discovery.mtls.par,
    form: [...form, ...client.credentials(client.keep(made.reveal()))],
  });
}
