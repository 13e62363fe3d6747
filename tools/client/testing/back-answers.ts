import { createHash } from 'node:crypto';
import { Misconduct } from './proof-check.ts';
import { SUBJECT } from './server-state.ts';
import type { Confirmation, Grant, ServerState } from './server-state.ts';
import type { Json } from './signer.ts';
import type { Incoming, Outgoing } from './tls-listener.ts';

// What a client calls directly: pushed requests, tokens, what is known of them, and the bank.

export async function answerPar(state: ServerState, request: Incoming): Promise<Outgoing> {
  await state.check.authenticate(request, state.client);
  if (state.client.constraint === 'dpop') await state.check.proof(request);
  const asked = await askedFor(state, request);
  const right =
    asked.get('redirect_uri') === state.client.redirectUri &&
    asked.get('code_challenge_method') === 'S256' &&
    (asked.get('state')?.length ?? 0) >= 43 &&
    /^[\w-]{43}$/.test(asked.get('code_challenge') ?? '');
  if (!right) throw new Misconduct('invalid_request', 'redirect_uri, state or PKCE');
  const requestUri = `urn:ietf:params:oauth:request_uri:${state.random()}`;
  state.pushed.set(requestUri, asked);
  return bent(state.bend.par, { status: 201, body: { request_uri: requestUri, expires_in: 60 } });
}

function askedFor(state: ServerState, request: Incoming): Promise<URLSearchParams> | URLSearchParams {
  const signed = request.form.has('request');
  if (signed !== state.client.signsRequests) throw new Misconduct('invalid_request', 'signed or not');
  return signed ? state.check.requestObject(request, state.client) : request.form;
}

export async function answerToken(state: ServerState, request: Incoming): Promise<Outgoing> {
  await state.check.authenticate(request, state.client);
  const confirmation = await confirmationOf(state, request);
  const { form } = request;
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return grantTokens(state, redeem(state, form), confirmation);
    case 'refresh_token':
      return refresh(state, form, confirmation);
    case 'client_credentials':
      if (form.get('scope')?.includes('openid')) throw new Misconduct('invalid_scope', 'nobody logs in');
      return tokens(state, accessToken(state, { request: form, alive: true }, confirmation));
    case 'urn:openid:params:grant-type:ciba':
      return decided(state, form, confirmation);
    default:
      throw new Misconduct('unsupported_grant_type', 'grant_type');
  }
}

async function confirmationOf(state: ServerState, request: Incoming): Promise<Confirmation> {
  if (state.client.constraint === 'dpop') return { jkt: await state.check.proof(request) };
  if (request.certificate === undefined) throw new Misconduct('invalid_request', 'no certificate to bind to');
  return { 'x5t#S256': request.certificate };
}

function redeem(state: ServerState, form: URLSearchParams): Grant {
  const code = form.get('code') ?? '';
  const grant = state.codes.get(code);
  state.codes.delete(code);
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (grant?.request.get('code_challenge') !== challenge) throw new Misconduct('invalid_grant', 'code or verifier');
  if (form.get('redirect_uri') !== state.client.redirectUri) throw new Misconduct('invalid_grant', 'redirect_uri');
  return grant;
}

async function grantTokens(state: ServerState, grant: Grant, confirmation: Confirmation): Promise<Outgoing> {
  const issued = accessToken(state, grant, confirmation);
  const refreshToken = state.random();
  state.refreshTokens.set(refreshToken, grant);
  const nonce = grant.request.get('nonce');
  const more = { ...(nonce === null ? {} : { nonce }), at_hash: state.halfHash(issued['access_token'] as string) };
  const openid = grant.request.get('scope')?.includes('openid') ?? false;
  return tokens(state, {
    ...issued,
    refresh_token: refreshToken,
    authorization_details: JSON.parse(grant.request.get('authorization_details') ?? '[]'),
    ...(openid ? { id_token: await state.idToken(more, state.bend.idToken) } : {}),
  });
}

async function refresh(state: ServerState, form: URLSearchParams, confirmation: Confirmation): Promise<Outgoing> {
  const grant = state.refreshTokens.get(form.get('refresh_token') ?? '');
  if (grant?.alive !== true) throw new Misconduct('invalid_grant', 'refresh token');
  const { refreshIdToken } = state.bend;
  const idToken = refreshIdToken === undefined ? {} : { id_token: await state.idToken({}, refreshIdToken) };
  return tokens(state, { ...accessToken(state, grant, confirmation), ...idToken });
}

function accessToken(state: ServerState, grant: Grant, confirmation: Confirmation): Json {
  const token = state.random();
  state.accessTokens.set(token, { confirmation, grant });
  return { access_token: token, token_type: 'jkt' in confirmation ? 'DPoP' : 'Bearer', expires_in: 300 };
}

function tokens(state: ServerState, honest: Json): Outgoing {
  const body = state.bend.tokenResponse?.(honest) ?? honest;
  return bent(state.bend.token, { status: 200, body });
}

export async function answerBackchannel(state: ServerState, request: Incoming): Promise<Outgoing> {
  await state.check.authenticate(request, state.client);
  const asked = await state.check.requestObject(request, state.client);
  if (asked.get('login_hint') !== 'alice') throw new Misconduct('unknown_user_id', 'login_hint');
  const id = state.random();
  state.backchannel.set(id, { grant: { request: asked, alive: true }, asked: 0, approved: !state.client.approval });
  const honest = { auth_req_id: id, expires_in: 60, interval: 0.05 };
  return { status: 200, body: state.bend.backchannel?.(honest) ?? honest };
}

async function decided(state: ServerState, form: URLSearchParams, confirmation: Confirmation): Promise<Outgoing> {
  const pending = state.backchannel.get(form.get('auth_req_id') ?? '');
  if (pending === undefined) throw new Misconduct('invalid_grant', 'auth_req_id');
  if (!pending.approved) throw new Misconduct('authorization_pending', 'nobody agreed');
  const first = pending.asked++ === 0 && !pending.grant.request.has('client_notification_token');
  const { undecided = 'authorization_pending' } = state.bend;
  if (first || (state.bend.undecided !== undefined && undecided !== 'slow_down'))
    throw new Misconduct(undecided, 'undecided');
  return grantTokens(state, pending.grant, confirmation);
}

export async function answerIntrospection(state: ServerState, request: Incoming): Promise<Outgoing> {
  await state.check.authenticate(request, state.client);
  const found = state.accessTokens.get(request.form.get('token') ?? '');
  if (found === undefined) return { status: 200, body: { active: false } };
  const honest = { active: true, client_id: state.client.clientId, sub: SUBJECT, cnf: found.confirmation };
  return { status: 200, body: state.bend.introspection?.(honest) ?? honest };
}

export async function answerRevocation(state: ServerState, request: Incoming): Promise<Outgoing> {
  await state.check.authenticate(request, state.client);
  const token = request.form.get('token') ?? '';
  const grant = state.refreshTokens.get(token) ?? state.accessTokens.get(token)?.grant;
  if (grant !== undefined && state.bend.deafToRevocation === undefined) grant.alive = false;
  return { status: 200, body: '' };
}

export async function answerUserinfo(state: ServerState, request: Incoming): Promise<Outgoing> {
  const refused = await refusedToken(state, request);
  if (refused !== undefined) return refused;
  const honest = { sub: SUBJECT, name: 'Alice' };
  return bent(state.bend.userinfoAnswer, { status: 200, body: state.bend.userinfo?.(honest) ?? honest });
}

export async function answerResource(state: ServerState, request: Incoming): Promise<Outgoing> {
  const refused = await refusedToken(state, request);
  if (refused !== undefined) return refused;
  const interaction = String(request.headers['x-fapi-interaction-id']);
  return bent(state.bend.resource, {
    status: 200,
    headers: { 'x-fapi-interaction-id': interaction },
    body: { accounts: [] },
  });
}

/** RFC6750-2.1: in the header alone; RFC8705-3, RFC9449-7.1: from whom it was issued to. */
async function refusedToken(state: ServerState, request: Incoming): Promise<Outgoing | undefined> {
  const [, scheme = '', token = ''] = /^(\w+) (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  const found = state.accessTokens.get(token);
  const challenge = (error: string, headers: Readonly<Record<string, string>> = {}): Outgoing => ({
    status: 401,
    headers: { 'www-authenticate': `${scheme || 'Bearer'} error="${error}"`, ...headers },
  });
  if (found?.grant.alive !== true || [...request.query.keys()].length > 0) return challenge('invalid_token');
  if ('x5t#S256' in found.confirmation) {
    const right = scheme === 'Bearer' && request.certificate === found.confirmation['x5t#S256'];
    return right ? undefined : challenge('invalid_token');
  }
  try {
    const jkt = await state.check.proof(request, token);
    return scheme === 'DPoP' && jkt === found.confirmation.jkt ? undefined : challenge('invalid_token');
  } catch (error) {
    if (error instanceof Misconduct) return challenge(error.code, error.headers);
    throw error;
  }
}

const bent = (bend: ((honest: Outgoing) => Outgoing) | undefined, honest: Outgoing): Outgoing =>
  bend?.(honest) ?? honest;
