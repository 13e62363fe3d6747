import { refuse } from '../../errors.ts';
import type { Profile } from '../../profile.ts';
import { CIBA } from '../../profile.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import { parseRequestedDetails } from '../../wire/authorization-details.ts';
import type { JwsClaims } from '../../wire/jws.ts';
import { checkScope } from '../../wire/scope.ts';
import type { CibaDelivery, RegisteredClient } from '../clients.ts';

/** Who is to be asked: by the name they log in with, or by an ID token the client was given before. */
export interface Hint {
  readonly kind: 'login' | 'id_token';
  readonly value: string;
}

/** What an authentication request asks for, checked. */
export interface AuthenticationParameters {
  readonly hint: Hint;
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly bindingMessage: string;
  readonly asksForAcr: boolean;
  /** Seconds. */
  readonly lifetime: number;
  /** Only for clients that are pinged. */
  readonly notificationToken?: string;
}

/**
 * Every rule an authentication request must pass, in order. CIBA-CORE-7.1, FAPI-CIBA-5.2.2.
 * Members nobody knows are ignored (RFC6749-3.1), `request_context` of FAPI-CIBA-5.3 among them.
 *
 * @param claims of the signed request
 * @throws OAuthError with the code of the first rule that does not hold
 */
export function checkAuthenticationParameters(
  profile: Profile,
  client: RegisteredClient,
  delivery: CibaDelivery,
  claims: JwsClaims,
): AuthenticationParameters {
  const hint = checkHint(claims);
  refuseUserCode(claims);
  const scopes = checkScopes(profile, client, claims);
  return {
    hint,
    scopes,
    authorizationDetails: checkDetails(client, claims),
    bindingMessage: checkBindingMessage(claims),
    asksForAcr: text(claims, 'acr_values') !== undefined,
    lifetime: checkRequestedExpiry(claims),
    ...checkNotificationToken(claims, delivery),
  };
}

// CIBA-CORE-7.1 [CIBA-05]: exactly one. With two, one check could read the first and the page show the person of the second.
function checkHint(claims: JwsClaims): Hint {
  const hints = ['login_hint', 'login_hint_token', 'id_token_hint'].filter((name) => text(claims, name) !== undefined);
  if (hints.length === 0) throw refuse('invalid_request', 'hint_missing');
  if (hints.length > 1) throw refuse('invalid_request', 'hint_ambiguous', { evidence: { hints: hints.join(' ') } });
  const [login, idToken] = [text(claims, 'login_hint'), text(claims, 'id_token_hint')];
  if (login !== undefined) return { kind: 'login', value: login };
  if (idToken !== undefined) return { kind: 'id_token', value: idToken };
  // CIBA-CORE-7.1 leaves its format to ecosystems that have one; there is none here.
  throw refuse('invalid_request', 'login_hint_token_unsupported');
}

// CIBA-CORE-7.1: only with `backchannel_user_code_parameter`. A secret we did not ask for is not to be passed around.
function refuseUserCode(claims: JwsClaims): void {
  if (claims['user_code'] !== undefined) throw refuse('invalid_request', 'user_code_unsupported');
}

// CIBA-CORE-7.1: `openid` is part of it. A client's own scopes say what it may do in its own name; no person can grant them.
function checkScopes(profile: Profile, client: RegisteredClient, claims: JwsClaims): readonly string[] {
  const personal = client.scopes.filter((scope) => profile.scopes.includes(scope));
  const scopes = checkScope(requiredText(claims, 'scope'), personal, 'scope_not_allowed');
  if (!scopes.includes('openid')) throw refuse('invalid_scope', 'openid_scope_missing');
  return scopes;
}

// RFC9396-4: as in an authorization request. Inside the object it is JSON, or the same as text (RFC9101-4).
function checkDetails(client: RegisteredClient, claims: JwsClaims): readonly AuthorizationDetail[] {
  const details = claims['authorization_details'];
  if (details === undefined) return [];
  return parseRequestedDetails(typeof details === 'string' ? details : JSON.stringify(details), client.detailTypes);
}

// FAPI-CIBA-5.2.2-2 [CIBA-13]: nothing else in a request of ours ties the two devices together, so it is required.
// CIBA-CORE-7.1: short, and plain text. Letters of any script; but what turns the direction of writing, joins or hides
// characters could show the person something else than what was sent.
function checkBindingMessage(claims: JwsClaims): string {
  const message = text(claims, 'binding_message');
  if (message === undefined) throw refuse('invalid_request', 'binding_message_missing');
  if (message.length > CIBA.bindingMessageMaxLength)
    throw refuse('invalid_binding_message', 'binding_message_too_long');
  const displayable =
    /^[\p{L}\p{M}\p{N}\p{P}\p{Sc}\p{Sm} ]+$/u.test(message) && !/\p{Default_Ignorable_Code_Point}/u.test(message);
  if (!displayable || message.trim() === '') throw refuse('invalid_binding_message', 'binding_message_undisplayable');
  return message;
}

// CIBA-CORE-7.1 [CIBA-12]: a positive number; CIBA-CORE-7.1.1: as a JSON number or as a string. What lies beyond our limit is shortened,
// and `expires_in` tells.
function checkRequestedExpiry(claims: JwsClaims): number {
  const wanted = claims['requested_expiry'];
  if (wanted === undefined) return CIBA.requestLifetime;
  const digits = typeof wanted === 'number' ? String(wanted) : wanted;
  if (typeof digits !== 'string' || !/^[1-9]\d{0,8}$/.test(digits))
    throw refuse('invalid_request', 'requested_expiry_malformed');
  return Math.min(Number(digits), CIBA.requestMaxLifetime);
}

// CIBA-CORE-7.1: required of a client that is pinged, in the syntax of RFC6750-2.1, and not to be guessed: with a token
// that can be guessed anybody could ping the client. One that asks by itself has no use for it; it is ignored then.
function checkNotificationToken(claims: JwsClaims, { mode }: CibaDelivery): { notificationToken?: string } {
  if (mode !== 'ping') return {};
  const token = text(claims, 'client_notification_token');
  if (token === undefined) throw refuse('invalid_request', 'notification_token_missing');
  const fits = token.length >= CIBA.notificationTokenMinLength && token.length <= CIBA.notificationTokenMaxLength;
  if (!fits || !/^[\w.~+/-]+=*$/.test(token)) throw refuse('invalid_request', 'notification_token_malformed');
  return { notificationToken: token };
}

/** A member that is text; RFC6749-3.1: one without a value counts as omitted. */
function text(claims: JwsClaims, name: string): string | undefined {
  const value = claims[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string')
    throw refuse('invalid_request', 'parameter_malformed', { evidence: { parameter: name } });
  return value;
}

function requiredText(claims: JwsClaims, name: string): string {
  const value = text(claims, name);
  if (value === undefined) throw refuse('invalid_request', 'parameter_missing', { evidence: { parameter: name } });
  return value;
}
