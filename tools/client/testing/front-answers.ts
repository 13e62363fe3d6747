import { isJarm } from '../client-file.ts';
import { PERSON } from './registration.ts';
import type { Grant, ServerState } from './server-state.ts';
import type { Incoming, Outgoing } from './tls-listener.ts';

// What a browser meets: the authorization endpoint, two pages, and the way back.

export const seeOther = (location: string, headers: Record<string, string> = {}): Outgoing => ({
  status: 303,
  headers: { location, ...headers },
});

export const page = (html: string, status = 200): Outgoing => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><title>Harbour Bank</title><!-- <form id="login"> --><body>${html}`,
});

const refusal = (code: string): Outgoing => page(`<h1>No</h1><p id="error-code">${code}</p>`, 400);

export async function answerAuthorize(state: ServerState, request: Incoming): Promise<Outgoing> {
  const { query } = request;
  // FAPI2-SP-FINAL-5.3.3.2-6: nothing beside these two.
  if ([...query.keys()].sort().join() !== 'client_id,request_uri') return refusal('invalid_request');
  const requestUri = query.get('request_uri') ?? '';
  const asked = state.pushed.get(requestUri);
  if (asked === undefined || query.get('client_id') !== state.client.clientId) return refusal('invalid_request_uri');
  if (state.client.pages === 'at once') return sendBack(state, asked);
  return seeOther(`/login?step=${encodeURIComponent(requestUri)}`, {
    'set-cookie': '__Host-visit=1; Secure; HttpOnly; Path=/; SameSite=Lax',
  });
}

export async function answerPage(state: ServerState, request: Incoming): Promise<Outgoing> {
  const { path, method, query, form, headers } = request;
  if (!headers.cookie?.includes('__Host-visit=1')) return refusal('no_session');
  const requestUri = query.get('step') ?? form.get('step') ?? '';
  if (path === '/login' && method === 'GET') return loginPage(requestUri);
  if (method === 'POST' && headers.origin !== new URL(state.addresses.issuer).origin) return refusal('foreign_form');
  if (path === '/login') {
    if (form.get('user') !== PERSON.name || form.get('secret') !== PERSON.password) return loginPage(requestUri, 401);
    const session = state.random();
    state.sessions.add(session);
    return seeOther(`/consent?step=${encodeURIComponent(requestUri)}`, {
      'set-cookie': `session=${session}; Secure; HttpOnly; Path=/consent; SameSite=Lax`,
    });
  }
  const session = /session=([\w-]+)/.exec(headers.cookie)?.[1] ?? '';
  if (!state.sessions.has(session)) return refusal('no_session');
  if (method === 'GET') return consentPage(requestUri);
  const agreed = form.get('decision') === 'yes' && form.getAll('account').join() === 'acc-1,acc-3';
  return agreed ? sendBack(state, state.pushed.get(requestUri)!) : refusal('not_what_was_shown');
}

export const hidden = (name: string, value: string): string =>
  `<input type="hidden" name=${name} value='${escape(value)}'>`;

function loginPage(requestUri: string, status = 200): Outgoing {
  return page(
    `<form method="POST" action="/login">${hidden('step', requestUri)}
      <input id="login" name="user"><input id="password" name="secret" type="password">
      <button id="submit-login">Log in</button></form>`,
    status,
  );
}

function consentPage(requestUri: string): Outgoing {
  return page(
    `<form method="post" action="/consent">${hidden('step', requestUri)}
      <input type="checkbox" name="account" value="acc-1" checked><input type="checkbox" name="account" value="acc-2">
      <input type="checkbox" name="account" value="acc-3" checked>
      <button id="consent-approve" name="decision" value="yes">Yes</button>
      <button id="consent-deny" name="decision" value="no">No</button></form>`,
  );
}

/** The answer, as asked for: plain, signed, or with an ID token that signs for it. */
async function sendBack(state: ServerState, asked: URLSearchParams): Promise<Outgoing> {
  const { bend, client, addresses } = state;
  const code = state.random();
  const grant: Grant = { request: asked, alive: true };
  state.codes.set(code, grant);
  const hybrid = asked.get('response_type') === 'code id_token';
  const answer = new URLSearchParams({ code, state: asked.get('state') ?? '' });
  const mode = asked.get('response_mode') ?? undefined;
  if (!hybrid && !isJarm(mode)) answer.set('iss', addresses.issuer);
  if (hybrid) answer.set('id_token', await frontIdToken(state, asked, code));
  bend.answer?.(answer);
  const signed = isJarm(mode) && bend.unsigned === undefined;
  const sent = signed ? new URLSearchParams({ response: await signAnswer(state, answer) }) : answer;
  const way = mode?.replace(/\.?jwt$/, '');
  return deliver(
    bend.via ?? (way === undefined || way === '' ? (hybrid ? 'fragment' : 'query') : way),
    client.redirectUri,
    sent,
  );
}

async function signAnswer(state: ServerState, answer: URLSearchParams): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { issuer } = state.addresses;
  const honest = { iss: issuer, aud: state.client.clientId, exp: now + 120, ...Object.fromEntries(answer) };
  return state.signer.sign(honest, state.client.alg, state.bend.jarm);
}

function frontIdToken(state: ServerState, asked: URLSearchParams, code: string): Promise<string> {
  const hashes = { c_hash: state.halfHash(code), s_hash: state.halfHash(asked.get('state') ?? '') };
  return state.idToken({ nonce: asked.get('nonce'), ...hashes }, state.bend.frontIdToken);
}

function deliver(way: string, redirectUri: string, answer: URLSearchParams): Outgoing {
  const url = new URL(redirectUri);
  if (way === 'form_post') {
    const fields = [...answer].map(([name, value]) => hidden(name, value)).join('');
    const action = escape(url.href);
    return page(`<form method="post" action="${action}">${fields}</form><script>document.forms[0].submit()</script>`);
  }
  if (way === 'fragment') url.hash = answer.toString();
  else for (const [name, value] of answer) url.searchParams.append(name, value);
  return seeOther(url.href);
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll("'", '&#39;').replaceAll('"', '&quot;').replaceAll('<', '&#x3c;');
