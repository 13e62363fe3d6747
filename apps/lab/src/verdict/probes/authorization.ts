import { httpsCall } from '../../wire/https-call.ts';
import { errorCodeOf, offers } from '../../wire/browser.ts';
import type { Arrival } from '../../wire/browser.ts';
import { describeArrival } from '../../wire/browser.ts';
import { describeAnswer } from '../../wire/wire-answer.ts';
import { answered, codeOf, decided, pushed, redeem } from '../flow.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedOnPage, refusedWith } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';
import { randomnessOf } from './par.ts';

/** The authorization request and the plain answer; signed answers and pages are in files of their own. */
export const authorizationProbes: readonly Probe[] = [
  probe('AUTH-01', 'the login page', async (world) => {
    const { client, requestUri } = await pushed(world);
    return isLogin(await visit(world, client.authorizeUrl(requestUri)));
  }),
  probe('AUTH-02', 'the pushed state, to the pushed place, or a refusal', editedAddress),
  probe('AUTH-03', 'an error page with invalid_request, and the login page for the pushed one', async (world) => {
    const { client, real } = world;
    const url = new URL(real.discovery.authorization);
    for (const [name, value] of client.authorizationRequest(client.newVerifier(), 'state'))
      url.searchParams.set(name, typeof value === 'string' ? value : value.reveal());
    const { requestUri } = await pushed(world);
    return all(
      refusedOnPage(await visit(world, url.href), 'invalid_request'),
      isLogin(await visit(world, client.authorizeUrl(requestUri))),
    );
  }),
  probe('AUTH-04', 'an error page for the unknown, a redirect with the error for the verified', refusals),
  probe('AUTH-05', 'an error page', async (world) => {
    const { requestUri } = await pushed(world);
    return refusedOnPage(
      await visit(world, world.stranger.authorizeUrl(requestUri)),
      'invalid_request_uri',
      'invalid_request',
    );
  }),
  probe('AUTH-06', 'an error page for the other client, the login page for its own', async (world) => {
    const { client, requestUri } = await pushed(world);
    const foreign = await visit(world, world.stranger.authorizeUrl(requestUri));
    return all(
      refusedOnPage(foreign, 'invalid_request_uri', 'invalid_request'),
      isLogin(await visit(world, client.authorizeUrl(requestUri))),
    );
  }),
  probe('AUTH-07', 'the login page each time, then a code', async (world) => {
    const attempt = await pushed(world);
    const sights: Seen[] = [];
    for (let count = 0; count < 3; count += 1)
      sights.push(isLogin(await visit(world, attempt.client.authorizeUrl(attempt.requestUri))));
    const { to } = await decided(world, attempt);
    return all(...sights, seen(to.searchParams.has('code'), 'a code'));
  }),
  probe('AUTH-08', 'an error page with invalid_request_uri', async (world) => {
    const { client, requestUri } = await answered(world, {}, { decision: 'consent-deny' });
    return refusedOnPage(await visit(world, client.authorizeUrl(requestUri)), 'invalid_request_uri');
  }),
  probe('AUTH-10', 'a code, and the issuer as iss', async (world) => {
    const { to } = await answered(world);
    const { issuer } = world.real.discovery;
    return all(
      seen(to.searchParams.has('code'), to.searchParams.has('code') ? 'a code' : 'no code'),
      seen(to.searchParams.get('iss') === issuer, `iss ${to.searchParams.get('iss') ?? 'absent'}`),
    );
  }),
  probe('AUTH-11', 'the same text, and no state for none', async (world) => {
    const state = 'a b&c=%26+/..~';
    const one = await answered(world, { state }, { decision: 'consent-deny' });
    const none = await answered(world, { state: undefined }, { decision: 'consent-deny' });
    return all(
      seen(one.to.searchParams.get('state') === state, 'the same text'),
      seen(!none.to.searchParams.has('state'), 'no state for none'),
    );
  }),
  probe('AUTH-13', 'an address without a fragment', async (world) => {
    const { to } = await answered(world);
    return seen(to.hash === '' && to.searchParams.has('code'), to.hash === '' ? 'no fragment' : 'a fragment');
  }),
  probe('AUTH-14', 'access_denied with state and iss, and nothing else', async (world) => {
    const { to } = await answered(world, { state: 'denied' }, { decision: 'consent-deny' });
    const names = [...to.searchParams.keys()].filter((name) => name !== 'error_description').toSorted();
    const { error, state } = Object.fromEntries(to.searchParams);
    const held = error === 'access_denied' && state === 'denied' && names.join(' ') === 'error iss state';
    return seen(held, `${error ?? 'no error'} with ${names.join(', ')}`);
  }),
  probe('AUTH-15', '303 after login and after the decision', async (world) => {
    const { client, requestUri } = await pushed(world);
    const browser = client.browserOf(world.real.alice);
    const login = await browser.open(client.authorizeUrl(requestUri));
    const consent = await browser.press(login, 'submit-login', world.typedByAlice);
    const end = await browser.press(consent, 'consent-deny');
    return all(...[consent, end].map(({ hops: [first] }) => seen(first?.status === 303, `${first?.status ?? 0}`)));
  }),
  probe('AUTH-16', 'different ones, each with 22 random characters at least', async (world) => {
    const codes = [await answered(world), await answered(world), await answered(world)];
    return randomnessOf(codes.map((answer) => codeOf(answer).reveal()));
  }),
  probe('AUTH-18', '200, then 400 invalid_grant', async (world) => {
    const answer = await answered(world);
    const first = await redeem(answer);
    answer.client.linkFrom(first);
    return all(
      seen(first.status === 200, describeAnswer(first.answer)),
      refusedWith(await redeem(answer), 400, 'invalid_grant'),
    );
  }),
];

/** A browser of Alice's that has not been here. */
function visit({ client, real }: VerdictWorld, url: string): Promise<Arrival> {
  return client.browserOf(real.alice).open(url);
}

const isLogin = (arrival: Arrival): Seen =>
  offers(arrival, 'submit-login') ? seen(true, 'the login page') : seen(false, describeArrival(arrival));

async function editedAddress(world: VerdictWorld): Promise<Seen> {
  const attempt = await pushed(world, { state: 'pushed' });
  const url = new URL(attempt.client.authorizeUrl(attempt.requestUri));
  for (const [name, value] of Object.entries({
    redirect_uri: 'https://evil.invalid/',
    state: 'edited',
    scope: 'profile',
  }))
    url.searchParams.set(name, value);
  const browser = attempt.client.browserOf(world.real.alice);
  const page = await browser.open(url.href);
  if (errorCodeOf(page) !== undefined) return refusedOnPage(page, 'invalid_request');
  const consent = await browser.press(page, 'submit-login', world.typedByAlice);
  const end = await browser.press(consent, 'consent-deny');
  if (end.kind !== 'sent-away') return seen(false, describeArrival(end));
  const state = end.to.searchParams.get('state');
  const home = end.to.origin + end.to.pathname === attempt.client.redirectUri;
  return seen(home && state === 'pushed', `state ${state ?? 'absent'}, ${describeArrival(end)}`);
}

async function refusals(world: VerdictWorld): Promise<Seen> {
  const { client, real } = world;
  const { requestUri } = await pushed(world, { prompt: 'none', state: 'known' });
  const unknown = new URL(client.authorizeUrl(requestUri));
  unknown.searchParams.set('client_id', 'nobody');
  const away = await visit(world, client.authorizeUrl(requestUri));
  const error = away.kind === 'sent-away' ? away.to.searchParams.get('error') : null;
  const verified =
    error === 'login_required' && away.kind === 'sent-away' && away.to.href.startsWith(client.redirectUri);
  const raw = await httpsCall(world.anybody, { method: 'GET', url: real.discovery.authorization });
  return all(
    refusedOnPage(await visit(world, unknown.href), 'invalid_request_uri', 'invalid_request', 'invalid_client'),
    seen(raw.status === 400 && !raw.headers.has('location'), `${raw.status} for an empty request`),
    seen(verified, `${error ?? 'no error'}, ${describeArrival(away)}`),
  );
}
