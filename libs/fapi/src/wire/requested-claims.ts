import { refuse } from '../errors.ts';
import { JsonError, parseStrictJson } from '../strict-json.ts';

/** What the `claims` parameter asks for, as far as this server has it to give. OIDC-CORE-5.5. */
export interface RequestedClaims {
  readonly idToken: readonly ClaimName[];
  readonly userinfo: readonly ClaimName[];
  /** OIDC-CORE-5.5.1: only this person will do. */
  readonly subject?: string;
  /** OIDC-CORE-5.5.1.1: one of these, or the request has failed; empty when any will do. */
  readonly essentialAcr: readonly string[];
}

/** Claims that can be asked for by name. */
export const CLAIM_NAMES = ['name', 'auth_time', 'acr'] as const;
export type ClaimName = (typeof CLAIM_NAMES)[number];

const MAX_LENGTH = 4096;

/**
 * Reads the `claims` parameter. Claims nobody here knows are left out (OIDC-CORE-5.5), anything that is not of the
 * specified shape is refused, and so is a member that stands twice.
 *
 * @throws OAuthError `invalid_request`
 */
export function parseRequestedClaims(json: string): RequestedClaims {
  const { id_token: idToken, userinfo } = memberObjects(parseJson(json), 'claims');
  const inIdToken = memberObjects(idToken ?? {}, 'id_token');
  const inUserinfo = memberObjects(userinfo ?? {}, 'userinfo');
  const [subject, ...others] = new Set([inIdToken['sub'], inUserinfo['sub']].flatMap(wantedValues));
  // OIDC-CORE-5.5.1: an answer about one person and an ID token about another would be one login of two.
  if (others.length > 0) throw malformed('more than one person is asked for');
  return {
    idToken: namesIn(inIdToken),
    userinfo: namesIn(inUserinfo),
    essentialAcr: isEssential(inIdToken['acr']) ? wantedValues(inIdToken['acr']) : [],
    ...(subject === undefined ? {} : { subject }),
  };
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

type Wish = Record<string, unknown> | null;

/** An object whose members are objects or null. */
function memberObjects(value: unknown, name: string): Readonly<Record<string, Wish | undefined>> {
  if (!isRecord(value)) throw malformed(`${name} is not an object`);
  // A null-prototype copy, so that a member called `__proto__` is a member like any other.
  const members: Record<string, Wish> = Object.create(null) as Record<string, Wish>;
  for (const [member, wish] of Object.entries(value)) {
    if (wish !== null && !isRecord(wish)) throw malformed(`a member of ${name} is neither an object nor null`);
    members[member] = wish;
  }
  return members;
}

const namesIn = (wishes: Readonly<Record<string, Wish | undefined>>): readonly ClaimName[] =>
  CLAIM_NAMES.filter((name) => wishes[name] !== undefined);

const isEssential = (wish: Wish | undefined): boolean => wish?.['essential'] === true;

function wantedValues(wish: Wish | undefined): readonly string[] {
  const { value, values } = wish ?? {};
  const wanted = value === undefined ? (values ?? []) : [value];
  if (!Array.isArray(wanted) || !wanted.every((item): item is string => typeof item === 'string'))
    throw malformed('a wanted value is not text');
  return wanted;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const malformed = (problem: string) => refuse('invalid_request', 'claims_malformed', { evidence: { problem } });
