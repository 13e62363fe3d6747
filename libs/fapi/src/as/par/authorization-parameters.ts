import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import { required } from '../../form.ts';
import type { Profile } from '../../profile.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import { parseRequestedDetails } from '../../wire/authorization-details.ts';
import { checkCodeChallenge } from '../../wire/pkce.ts';
import { checkScope } from '../../wire/scope.ts';
import type { RegisteredClient } from '../clients.ts';
import type { PushedRequest } from '../state.ts';

type CheckedParameters = Omit<PushedRequest, 'usableUntil'>;

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
  refuseRequestReferences(form);
  checkResponse(profile, form);
  const redirectUri = checkRedirectUri(client, form);
  const codeChallenge = checkCodeChallenge(form);
  const scopes = checkScope(form.get('scope'), client.scopes, 'scope_not_allowed');
  const authorizationDetails = checkDetails(client, form);
  // RFC9068-2.2: a token names who it is for. Details name the bank, `openid` names userinfo, and no other scope names anybody.
  if (!scopes.includes('openid') && authorizationDetails.length === 0)
    throw refuse('invalid_scope', 'nothing_requested');
  return {
    clientId: client.id,
    redirectUri,
    scopes,
    authorizationDetails,
    codeChallenge,
    ...limitedText(form, 'state', profile.stateMaxLength),
    ...limitedText(form, 'nonce', profile.nonceMaxLength),
    ...checkPrompt(form),
    ...checkMaxAge(form),
    ...hints(form),
  };
}

// RFC6749-4.1.2.1: who may not redeem a code need not ask a person for one.
function checkGrantType(client: RegisteredClient): void {
  if (!client.grantTypes.includes('authorization_code')) throw refuse('unauthorized_client', 'grant_type_not_allowed');
}

// RFC9126-2.1: a request_uri inside a pushed request would be fetched or resolved by somebody; nobody does.
function refuseRequestReferences(form: Parameters): void {
  if (form.has('request_uri')) throw refuse('invalid_request', 'request_uri_not_accepted');
  if (form.has('request')) throw refuse('invalid_request', 'request_object_not_accepted');
}

function checkResponse(profile: Profile, form: Parameters): void {
  const type = required(form, 'response_type');
  if (!profile.responseTypes.some((supported) => supported === type))
    throw refuse('unsupported_response_type', 'response_type_unsupported');
  const mode = form.get('response_mode');
  if (mode !== undefined && !profile.responseModes.some((supported) => supported === mode))
    throw refuse('invalid_request', 'response_mode_unsupported');
}

// FAPI2-SP-FINAL-5.3.2.2-6, -8: required, and one of the registered ones to the letter. Prefixes, subdomains, another
// letter case or a trailing slash are how codes end up elsewhere.
function checkRedirectUri(client: RegisteredClient, form: Parameters): string {
  const uri = form.get('redirect_uri');
  if (uri === undefined) throw refuse('invalid_request', 'redirect_uri_missing');
  if (!client.redirectUris.includes(uri)) throw refuse('invalid_request', 'redirect_uri_unregistered');
  return uri;
}

function checkDetails(client: RegisteredClient, form: Parameters): readonly AuthorizationDetail[] {
  const json = form.get('authorization_details');
  return json === undefined ? [] : parseRequestedDetails(json, client.detailTypes);
}

// RFC6749-A.5: state is printable ASCII. Kept short, because it travels in a URL.
function limitedText<K extends 'state' | 'nonce'>(form: Parameters, name: K, maxLength: number): { [P in K]?: string } {
  const value = form.get(name);
  if (value === undefined) return {};
  if (value.length > maxLength)
    throw refuse('invalid_request', 'parameter_too_long', { evidence: { parameter: name } });
  if (!/^[\x20-\x7e]+$/.test(value))
    throw refuse('invalid_request', 'parameter_malformed', { evidence: { parameter: name } });
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
  if (!/^\d{1,9}$/.test(text))
    throw refuse('invalid_request', 'parameter_malformed', { evidence: { parameter: 'max_age' } });
  return { maxAge: Number(text) };
}

// OIDC-CORE-3.1.2.1: hints help the person and decide nothing; an odd one is dropped.
function hints(form: Parameters): Pick<CheckedParameters, 'loginHint' | 'uiLocales'> {
  const loginHint = form.get('login_hint');
  const uiLocales = form.get('ui_locales');
  return {
    ...(loginHint !== undefined && /^[\w.@+-]{1,100}$/.test(loginHint) ? { loginHint } : {}),
    ...(uiLocales !== undefined && /^[A-Za-z0-9 -]{1,100}$/.test(uiLocales) ? { uiLocales: uiLocales.split(' ') } : {}),
  };
}
