import type { TokenEndpointResponse } from 'oauth4webapi';
import type { ClientFile } from '../client-file.ts';
import { Refused, oneLine } from '../refusal.ts';

/**
 * What an answer of the token endpoint must hold beyond what the protocol library checks.
 * @throws Refused
 */
export function checkTokenResponse(tokens: TokenEndpointResponse, file: ClientFile): void {
  checkTokenType(tokens.token_type, file.sender_constraint);
  checkWhereItIsGood(tokens.authorization_details, file.resource);
}

/**
 * RFC9449-5, RFC8705-3: a token bound to a key is of type DPoP, one bound to a certificate of type Bearer, in any letter
 * case. The library takes either, and then shows a token bound to nothing as if it were ours alone.
 */
function checkTokenType(type: string, constraint: ClientFile['sender_constraint']): void {
  const expected = constraint === 'dpop' ? 'dpop' : 'bearer';
  if (type !== expected) throw new Refused('token_type_wrong', { detail: `${oneLine(type)} instead of ${expected}` });
}

/**
 * RFC9396-7, RFC9700-4.9.1: a server that is not honest could hand us a token it took from somebody else, for us to show
 * it to a bank of its choosing. Where the grant names resources, ours is among them; and where to go is never taken from
 * the answer.
 */
function checkWhereItIsGood(details: unknown, resource: string): void {
  if (!Array.isArray(details)) return;
  const locations = (details as ({ locations?: unknown } | null)[]).flatMap((detail) => detail?.locations ?? []);
  if (locations.length === 0 || locations.some((each) => isAt(resource, each))) return;
  throw new Refused('token_for_another_bank', { detail: oneLine(JSON.stringify(locations)) });
}

function isAt(resource: string, location: unknown): boolean {
  return typeof location === 'string' && URL.parse(location)?.origin === new URL(resource).origin;
}
