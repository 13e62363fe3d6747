import { isDeepStrictEqual } from 'node:util';
import { OAuthError, refuse } from '../errors.ts';
import { JsonError, parseStrictJson } from '../strict-json.ts';
import type { DetailSchema } from './detail-schema.ts';
import { malformed } from './detail-schema.ts';
import type { PaymentOrder } from './payment-initiation.ts';
import { PAYMENT_INITIATION } from './payment-initiation.ts';

/** The types whose shape is known here. Which of them a server offers, and where, is its configuration's. RFC9396-2.2 */
const SCHEMAS: ReadonlyMap<string, DetailSchema> = new Map([
  ['account_information', { members: [], read: () => ({}) }],
  ['payment_initiation', PAYMENT_INITIATION],
]);

/** What a type without a schema may say: nothing of its own. */
const PLAIN: DetailSchema = { members: [], read: () => ({}) };

const schemaOf = (type: string): DetailSchema => SCHEMAS.get(type) ?? PLAIN;

/** Whether details of this type can be offered at all. */
export const isDetailType = (type: string): boolean => SCHEMAS.has(type);

/** One element of `authorization_details`. RFC9396-2. A payment brings its order, member by member. */
export interface AuthorizationDetail extends Partial<PaymentOrder> {
  readonly type: string;
  readonly actions: readonly string[];
  readonly locations: readonly string[];
  /** Set by the authorization server when the customer has chosen; RFC9396-7.1 calls this enriching. */
  readonly consent_id?: string;
  readonly accounts?: readonly string[];
  /** Until when the customer agreed to it, epoch seconds: so that a client can tell its user. Our own member, RFC9396-7.1. */
  readonly expires_at?: number;
}

/** A type this platform knows: what may be asked for, and where. RFC9396-2.1 leaves both to the API. */
export interface DetailType {
  readonly type: string;
  readonly actions: readonly string[];
  readonly locations: readonly string[];
}

const COMMON_MEMBERS = ['type', 'actions', 'locations'];
const MAX_LENGTH = 4096;
const MAX_DETAILS = 5;

/**
 * Reads the `authorization_details` parameter of a request.
 *
 * RFC9396-5 [TOK-45]: unknown types, unknown members and values of the wrong kind are refused; accepting `accounts: []` or a
 * misspelt member unseen would let a client believe in a limit nobody enforces. So would a member that stands twice.
 *
 * @param json the parameter as sent
 * @param types the types the requesting client may use
 * @throws OAuthError `invalid_authorization_details`
 */
export function parseRequestedDetails(json: string, types: readonly DetailType[]): readonly AuthorizationDetail[] {
  const list = parseJson(json);
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_DETAILS) throw malformed('not a short list');
  const details = list.map((element: unknown) => parseRequested(element, types));
  // Two elements of one type could be shown as one and granted as the other.
  if (new Set(details.map(({ type }) => type)).size !== details.length) throw malformed('type repeated');
  return details;
}

function parseJson(json: string): unknown {
  if (json.length > MAX_LENGTH) throw malformed('too long');
  try {
    return parseStrictJson(json);
  } catch (error) {
    if (error instanceof JsonError) throw malformed(error.message);
    throw error;
  }
}

function parseRequested(element: unknown, types: readonly DetailType[]): AuthorizationDetail {
  if (!isRecord(element)) throw malformed('element is not an object');
  const type = types.find((known) => known.type === element['type']);
  if (type === undefined) throw refuse('invalid_authorization_details', 'authorization_details_type_unsupported');
  const schema = schemaOf(type.type);
  const unknown = Object.keys(element).find((member) => ![...COMMON_MEMBERS, ...schema.members].includes(member));
  if (unknown !== undefined) throw malformed(`unknown member ${unknown.slice(0, 40)}`);
  const actions = subsetOf(type.actions, element['actions'], 'actions');
  const locations =
    element['locations'] === undefined ? type.locations : subsetOf(type.locations, element['locations'], 'locations');
  return { type: type.type, actions, locations, ...schema.read(element) };
}

function subsetOf(allowed: readonly string[], value: unknown, member: string): readonly string[] {
  if (!isTextList(value) || value.length === 0) throw malformed(`${member} is not a list of names`);
  if (new Set(value).size !== value.length) throw malformed(`${member} repeats itself`);
  if (!value.every((item) => allowed.includes(item))) throw malformed(`${member} holds an unknown value`);
  return value;
}

/**
 * Narrows granted details to what a token request asks for.
 *
 * RFC9396-6 [TOK-47] [TOK-48]: a token request may ask for less than was granted, never for more. Members set by consent
 * (`consent_id`, `accounts`) are carried over; asking for other accounts is widening.
 *
 * @throws OAuthError `invalid_authorization_details` when anything asked for was not granted
 */
export function narrowDetails(
  granted: readonly AuthorizationDetail[],
  asked: readonly AuthorizationDetail[],
): readonly AuthorizationDetail[] {
  return asked.map((wish) => {
    const grant = granted.find(({ type }) => type === wish.type);
    if (grant === undefined || !within(wish.actions, grant.actions) || !within(wish.locations, grant.locations))
      throw widened(wish.type);
    // A payment has no smaller part: another amount or creditor is another payment.
    if (
      !schemaOf(wish.type).members.every((member) => isDeepStrictEqual(memberOf(wish, member), memberOf(grant, member)))
    )
      throw widened(wish.type);
    return { ...grant, actions: wish.actions, locations: wish.locations };
  });
}

const memberOf = (detail: AuthorizationDetail, member: string): unknown =>
  (detail as unknown as Record<string, unknown>)[member];

const widened = (type: string) =>
  refuse('invalid_authorization_details', 'authorization_details_widened', { evidence: { type } });

/** Reads details out of a token we have verified ourselves; anything unexpected grants nothing. */
export function parseIssuedDetails(value: unknown): readonly AuthorizationDetail[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((element: unknown) => {
    if (!isRecord(element)) return [];
    const { type, actions, locations, consent_id: consent, accounts, expires_at: until } = element;
    if (typeof type !== 'string' || !isTextList(actions) || !isTextList(locations)) return [];
    const own = issuedMembers(type, element);
    if (own === undefined) return [];
    return [
      {
        type,
        actions,
        locations,
        ...own,
        ...(typeof consent === 'string' ? { consent_id: consent } : {}),
        ...(isTextList(accounts) ? { accounts } : {}),
        ...(typeof until === 'number' ? { expires_at: until } : {}),
      },
    ];
  });
}

function issuedMembers(type: string, element: Record<string, unknown>): object | undefined {
  try {
    return schemaOf(type).read(element);
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}

const within = (part: readonly string[], whole: readonly string[]): boolean =>
  part.every((item) => whole.includes(item));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
