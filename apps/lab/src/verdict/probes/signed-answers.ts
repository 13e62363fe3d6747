import type { Json } from '../../wire/jws.ts';
import { isSignedWith, readJwt } from '../../wire/jws.ts';
import type { Answered } from '../flow.ts';
import { answered } from '../flow.ts';
import { inSeconds } from '../objects.ts';
import type { Probe } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** JARM, for the client that asks for it. */
export const signedAnswerProbes: readonly Probe[] = [
  probe('AUTH-19', 'response and nothing else', async (world) => {
    const { to } = await signedAnswer(world);
    const names = [...to.searchParams.keys()];
    return seen(names.join(' ') === 'response' && to.hash === '', names.join(', '));
  }),
  probe('AUTH-20', 'iss, aud, exp, and code and state within', async (world) => {
    const { iss, aud, exp, code, state } = await claimsOf(world);
    const { discovery, signing } = world.real;
    return all(
      seen(iss === discovery.issuer, `iss ${String(iss)}`),
      seen(aud === signing.clientId, `aud ${String(aud)}`),
      seen(typeof exp === 'number', `exp ${typeof exp === 'number' ? 'a number' : 'absent'}`),
      seen(typeof code === 'string' && state === 'signed', 'code and state'),
    );
  }),
  probe('AUTH-21', 'from 60 to 300 seconds ahead', async (world) => {
    const seconds = Number((await claimsOf(world))['exp']) - inSeconds(0);
    return seen(seconds > 55 && seconds <= 300, `about ${Math.round(seconds / 10) * 10} s`);
  }),
  probe('AUTH-22', 'a signature that verifies with the published key of its kid', async (world) => {
    const { response } = await signedAnswer(world);
    const { alg, kid } = readJwt(response).header;
    const verifies = isSignedWith(response, await world.publishedKeys());
    return seen(
      verifies,
      `${String(alg)}, ${typeof kid === 'string' ? 'with' : 'without'} kid, ${verifies ? 'verifies' : 'does not verify'}`,
    );
  }),
  probe('AUTH-23', 'response for the client that asked for it, error for the others', async (world) => {
    const wrapped = await answered(world, {}, { client: world.real.signing, decision: 'consent-deny' });
    const unasked = await answered(
      world,
      { response_mode: undefined },
      { client: world.real.signing, decision: 'consent-deny' },
    );
    const plain = await answered(world, {}, { decision: 'consent-deny' });
    const { error } = readJwt(wrapped.to.searchParams.get('response')).claims;
    return all(
      seen(error === 'access_denied' && !wrapped.to.searchParams.has('error'), `asked: ${String(error)} in a response`),
      ...[unasked, plain].map(({ to }) =>
        seen(
          to.searchParams.get('error') === 'access_denied' && !to.searchParams.has('response'),
          'not asked: a plain error',
        ),
      ),
    );
  }),
];

/** One answer that the questions about its form share. */
function signedAnswer(world: VerdictWorld): Promise<Answered & { readonly response: string }> {
  return world.once('signed answer', async () => {
    const answer = await answered(world, { state: 'signed' }, { client: world.real.signing });
    const response = answer.to.searchParams.get('response') ?? '';
    answer.client.keep(response);
    return { ...answer, response };
  });
}

const claimsOf = async (world: VerdictWorld): Promise<Json> => readJwt((await signedAnswer(world)).response).claims;
