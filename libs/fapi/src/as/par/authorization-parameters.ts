import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import { required } from '../../form.ts';
import type { Profile, ResponseMode, ResponseType } from '../../profile.ts';
import { POLICIES } from '../../profile.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import { parseRequestedDetails } from '../../wire/authorization-details.ts';
import { checkCodeChallenge } from '../../wire/pkce.ts';
import type { RequestedClaims } from '../../wire/requested-claims.ts';
import { parseRequestedClaims } from '../../wire/requested-claims.ts';
import { checkScope } from '../../wire/scope.ts';
import type { RegisteredClient } from '../clients.ts';
import type { PushedRequest } from '../state.ts';

type CheckedParameters = Omit<PushedRequest, 'usableUntil' | 'dpopJkt'>;

/**
 * Every rule an authorization request must pass, in order. FAPI2-SP-FINAL-5.3.2.2, RFC9126-2.1.
 * Unknown parameters are ignored (RFC6749-3.1): they are neither kept nor shown, so they cannot come back later.
 *
 * @throws OAuthError with the code of the first rule that does not hold
 */
export function checkAuthorizationParameters(
  profile: Profile,
  client: RegisteredClient,
  form: Parameters,
): CheckedParameters {
  checkGrantType(client);
  checkGrantManagement(form);
  const response = checkResponse(client, form);
  const redirectUri = checkRedirectUri(client, form);
  const codeChallenge = checkCodeChallenge(form);
  const scopes = checkScope(form.get('scope'), personalScopes(profile, client), 'scope_not_allowed');
  const authorizationDetails = checkDetails(client, form);
  checkSomethingIsAsked(response.responseType, scopes, authorizationDetails);
  return {
    clientId: client.id,
    ...response,
    redirectUri,
    scopes,
    authorizationDetails,
    codeChallenge,
    ...limitedText(form, 'state', profile.stateMaxLength),
    ...checkNonce(form, profile, response.responseType),
    ...checkPrompt(form),
    ...checkMaxAge(form),
    ...checkClaims(form, profile),
    ...hints(form),
  };
}

// RFC6749-4.1.2.1: who may not redeem a code need not ask a person for one.
function checkGrantType(client: RegisteredClient): void {
  if (!client.grantTypes.includes('authorization_code')) throw refuse('unauthorized_client', 'grant_type_not_allowed');
}

// GM-5.2: grants can be asked about and revoked here. To ignore a wish to merge into one or to replace one
// would leave the person with two where the client believes in one.
function checkGrantManagement(form: Parameters): void {
  if (form.has('grant_management_action') || form.has('grant_id'))
    throw refuse('invalid_request', 'grant_management_action_unsupported');
}

// RFC9126-2.3 [PAR-15]: what is wrong is said here, to the client, and not later to a person.
function checkResponse(
  client: RegisteredClient,
  form: Parameters,
): { responseType: ResponseType; responseMode: ResponseMode } {
  const asked = required(form, 'response_type');
  const responseType = client.responseTypes.find((registered) => registered === asked);
  const modes = responseType && POLICIES[client.profile].responses[responseType];
  if (responseType === undefined || modes === undefined)
    throw refuse('unsupported_response_type', 'response_type_unsupported');
  const wanted = meaningOf(form.get('response_mode'), responseType);
  const responseMode = modes.find((permitted) => permitted === wanted);
  if (responseMode === undefined) throw refuse('invalid_request', 'response_mode_unsupported');
  return { responseType, responseMode };
}

// OAUTH-MULTIPLE-RESPONSE-TYPES-2.1, -5: codes come home in the query, whatever carries an ID token in the fragment.
// JARM-2.3.4: `jwt` is short for the same place, signed.
function meaningOf(mode: string | undefined, responseType: ResponseType): string {
  const place = responseType === 'code' ? 'query' : 'fragment';
  if (mode === undefined) return place;
  return mode === 'jwt' ? `${place}.jwt` : mode;
}

// FAPI2-SP-FINAL-5.3.2.2-6 [PAR-14], RFC9126-2.4 [POL-05], FAPI1-BASE-5.2.2-10 [POL-06]: required, and one of the
// registered ones to the letter. Prefixes, subdomains, another letter case or a trailing slash are how codes end up
// elsewhere.
function checkRedirectUri(client: RegisteredClient, form: Parameters): string {
  const uri = form.get('redirect_uri');
  if (uri === undefined) throw refuse('invalid_request', 'redirect_uri_missing');
  if (!client.redirectUris.includes(uri)) throw refuse('invalid_request', 'redirect_uri_unregistered');
  return uri;
}

// A client's own scopes say what it may do in its own name; no person can grant them.
const personalScopes = (profile: Profile, client: RegisteredClient): readonly string[] =>
  client.scopes.filter((scope) => profile.scopes.includes(scope));

function checkDetails(client: RegisteredClient, form: Parameters): readonly AuthorizationDetail[] {
  const json = form.get('authorization_details');
  return json === undefined ? [] : parseRequestedDetails(json, client.detailTypes);
}

function checkSomethingIsAsked(
  responseType: ResponseType,
  scopes: readonly string[],
  details: readonly AuthorizationDetail[],
): void {
  // OIDC-CORE-3.1.2.1: without `openid` there is no ID token to answer with.
  if (responseType === 'code id_token' && !scopes.includes('openid')) throw refuse('invalid_request', 'openid_missing');
  // RFC9068-2.2: a token names who it is for. Details name the bank, `openid` names userinfo, and no other scope names
  // anybody.
  if (!scopes.includes('openid') && details.length === 0) throw refuse('invalid_scope', 'nothing_requested');
}

// OIDC-CORE-3.3.2.11 [POL-15]: an ID token that comes through the browser is tied to its request by nothing else.
function checkNonce(form: Parameters, profile: Profile, responseType: ResponseType): { nonce?: string } {
  const nonce = limitedText(form, 'nonce', profile.nonceMaxLength);
  if (responseType === 'code id_token' && nonce.nonce === undefined) throw refuse('invalid_request', 'nonce_missing');
  return nonce;
}

// OIDC-CORE-3.1.2.1 [POL-14]: neither is needed. RFC6749-A.5: state is printable ASCII. Kept short [PAR-12], because it
// travels in a URL.
function limitedText<K extends 'state' | 'nonce'>(form: Parameters, name: K, maxLength: number): { [P in K]?: string } {
  const value = form.get(name);
  if (value === undefined) return {};
  if (value.length > maxLength)
    throw refuse('invalid_request', 'parameter_too_long', { evidence: { parameter: name } });
  if (!/^[\x20-\x7e]+$/.test(value)) throw malformed(name);
  return { [name]: value } as { [P in K]?: string };
}

// OIDC-CORE-3.1.2.1: `none` stands alone. `select_account` has nothing to select here and is ignored.
function checkPrompt(form: Parameters): Pick<CheckedParameters, 'prompt'> {
  const prompts = form.get('prompt')?.split(' ') ?? [];
  if (prompts.includes('none')) {
    if (prompts.length > 1) throw refuse('invalid_request', 'prompt_unsupported');
    return { prompt: 'none' };
  }
  if (prompts.includes('login')) return { prompt: 'login' };
  return prompts.includes('consent') ? { prompt: 'consent' } : {};
}

function checkMaxAge(form: Parameters): Pick<CheckedParameters, 'maxAge'> {
  const text = form.get('max_age');
  if (text === undefined) return {};
  if (!/^\d{1,9}$/.test(text)) throw malformed('max_age');
  return { maxAge: Number(text) };
}

// OIDC-CORE-3.1.2.1: `acr_values` is a wish, and asks for `acr` in the ID token. OIDC-CORE-5.5.1.1: an essential one that
// cannot be met is a failed login; it is said here, where no person has begun one yet.
function checkClaims(form: Parameters, profile: Profile): { claims?: RequestedClaims } {
  const json = form.get('claims');
  const asked = json === undefined ? NOTHING : parseRequestedClaims(json);
  if (asked.essentialAcr.length > 0 && !asked.essentialAcr.includes(profile.acr))
    throw refuse('unmet_authentication_requirements', 'authentication_context_unavailable');
  const wished = form.has('acr_values') && !asked.idToken.includes('acr');
  const claims = wished ? { ...asked, idToken: [...asked.idToken, 'acr' as const] } : asked;
  return claims === NOTHING ? {} : { claims };
}

const NOTHING: RequestedClaims = { idToken: [], userinfo: [], essentialAcr: [] };

// OIDC-CORE-3.1.2.1: hints help the person and decide nothing; an odd one is dropped.
function hints(form: Parameters): Pick<CheckedParameters, 'loginHint' | 'uiLocales'> {
  const loginHint = form.get('login_hint');
  const uiLocales = form.get('ui_locales');
  return {
    ...(loginHint !== undefined && /^[\w.@+-]{1,100}$/.test(loginHint) ? { loginHint } : {}),
    ...(uiLocales !== undefined && /^[A-Za-z0-9 -]{1,100}$/.test(uiLocales) ? { uiLocales: uiLocales.split(' ') } : {}),
  };
}

const malformed = (parameter: string) => refuse('invalid_request', 'parameter_malformed', { evidence: { parameter } });
