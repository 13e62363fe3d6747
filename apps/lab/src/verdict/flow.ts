import { randomBytes } from 'node:crypto';
import type { LabClient } from '../real/lab-client.ts';
import type { Arrival, Browser, Person } from '../wire/browser.ts';
import { describeArrival, logInAndDecide, offers, typedBy } from '../wire/browser.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import type { Json } from '../wire/jws.ts';
import type { Printable, Secret } from '../wire/secret.ts';
import { bearer } from '../wire/secret.ts';
import { describeAnswer } from '../wire/wire-answer.ts';
import type { VerdictWorld } from './verdict-world.ts';

/** Parameters that differ from the honest ones; `undefined` leaves one out. */
export type Changes = Readonly<Record<string, Printable | undefined>>;

/** The honest fields with changes, in order; new ones at the end. */
export function changed(fields: readonly Field[], changes: Changes): readonly Field[] {
  const known = new Set(fields.map(([name]) => name));
  const added = Object.entries(changes).filter(([name]) => !known.has(name));
  return [
    ...fields.map(([name, value]): readonly [string, Printable | undefined] => [
      name,
      Object.hasOwn(changes, name) ? changes[name] : value,
    ]),
    ...added,
  ].filter((field): field is Field => field[1] !== undefined);
}

/** A push and what only its client knows. */
export interface PushAttempt {
  readonly client: LabClient;
  readonly verifier: Secret;
  readonly exchange: Exchange;
}

export interface PushOptions {
  readonly client?: LabClient;
  /** Who is on the wire, with nothing else to prove who it is; the client itself when left out. */
  readonly caller?: Caller;
  readonly headers?: readonly Field[];
}

/** Pushes the honest request with changes. RFC9126-2.1 */
export async function push(
  world: VerdictWorld,
  changes: Changes = {},
  options: PushOptions = {},
): Promise<PushAttempt> {
  const { client = world.client, caller, headers = [] } = options;
  const url = world.real.discovery.mtls.par;
  const verifier = client.newVerifier();
  const state = randomBytes(16).toString('base64url');
  const form = client.asPushed(changed(client.authorizationRequest(verifier, state), changes));
  const exchange =
    caller === undefined
      ? await client.call(url, form, headers)
      : await httpsCall(caller, { method: 'POST', url, headers, form });
  return { client, verifier, exchange };
}

export interface Pushed extends PushAttempt {
  readonly requestUri: string;
}

/** A push that has to succeed. */
export async function pushed(world: VerdictWorld, changes: Changes = {}, options: PushOptions = {}): Promise<Pushed> {
  return taken(await push(world, changes, options));
}

/** @throws Error when the push was not taken */
export function taken(attempt: PushAttempt): Pushed {
  const { request_uri: requestUri } = jsonOf(attempt.exchange);
  if (attempt.exchange.status === 201 && typeof requestUri === 'string') return { ...attempt, requestUri };
  throw new Error(`the honest push was refused: ${describeAnswer(attempt.exchange.answer)}`);
}

export interface FlowOptions extends PushOptions {
  readonly person?: Person;
  readonly decision?: 'consent-approve' | 'consent-deny';
}

/** A request at the consent page of somebody who is logged in. */
export interface AtConsent extends Pushed {
  readonly browser: Browser;
  readonly page: Arrival;
}

export async function atConsent(
  world: VerdictWorld,
  changes: Changes = {},
  options: FlowOptions = {},
): Promise<AtConsent> {
  const attempt = await pushed(world, changes, options);
  const browser = world.browserOf(options.person);
  const start = await browser.open(attempt.client.authorizeUrl(attempt.requestUri));
  const page = offers(start, 'submit-login')
    ? await browser.press(start, 'submit-login', typedBy(options.person ?? world.real.alice))
    : start;
  if (!offers(page, 'consent-approve')) throw new Error(`there is no question: ${describeArrival(page)}`);
  return { ...attempt, browser, page };
}

/** An answer on its way through the browser, stopped before the client sees it. */
export interface Answered extends Pushed {
  /** Where the browser was sent, with whatever the answer carries. */
  readonly to: URL;
  readonly redirect: Exchange;
}

/** The whole way to the answer: push, log in, decide. */
export async function answered(
  world: VerdictWorld,
  changes: Changes = {},
  options: FlowOptions = {},
): Promise<Answered> {
  return decided(world, await pushed(world, changes, options), options);
}

/** From a request that was taken to its answer. */
export async function decided(world: VerdictWorld, attempt: Pushed, options: FlowOptions = {}): Promise<Answered> {
  const { person = world.real.alice, decision = 'consent-approve' } = options;
  const browser = world.browserOf(person);
  const start = await browser.open(attempt.client.authorizeUrl(attempt.requestUri));
  const end = await logInAndDecide(browser, start, person, decision);
  if (end.kind !== 'sent-away') throw new Error(`the decision led to no answer: ${describeArrival(end)}`);
  return { ...attempt, to: end.to, redirect: end.exchange };
}

/** The code of an answer. */
export function codeOf({ client, to }: Answered): Secret {
  const code = to.searchParams.get('code');
  if (code === null) throw new Error(`the answer has no code, but ${[...to.searchParams.keys()].join(', ')}`);
  return client.keep(code);
}

/** Redeems the code of an answer, with changes. RFC6749-4.1.3 */
export function redeem(answer: Answered, changes: Changes = {}): Promise<Exchange> {
  const { client, verifier } = answer;
  return client.askForToken(changed(client.redemption({ code: codeOf(answer), verifier }), changes));
}

/** What a redeemed code gave. */
export interface Redeemed {
  readonly client: LabClient;
  readonly exchange: Exchange;
  readonly response: Json;
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
}

/** From the push to the tokens; throws when any part of the honest flow fails. */
export async function tokens(world: VerdictWorld, changes: Changes = {}, options: FlowOptions = {}): Promise<Redeemed> {
  const answer = await answered(world, changes, options);
  const exchange = await redeem(answer);
  const link = answer.client.linkFrom(exchange);
  return { client: answer.client, exchange, response: jsonOf(exchange), ...link };
}

/** One grant that the questions which change nothing share. */
export const granted = (world: VerdictWorld): Promise<Redeemed> => world.once('granted', () => tokens(world));

export interface BankQuestion {
  readonly path?: string;
  readonly caller?: Caller;
  readonly headers?: readonly Field[];
}

/** Asks the bank, with a token in the header. */
export function askBank(world: VerdictWorld, token: Secret, question: BankQuestion = {}): Promise<Exchange> {
  const { path = '/accounts', caller = world.client.caller, headers = [] } = question;
  const url = world.real.bankUrl + path;
  return httpsCall(caller, { method: 'GET', url, headers: [bearer(token), ...headers] });
}
