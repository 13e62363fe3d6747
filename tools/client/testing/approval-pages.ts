import { hidden, page, seeOther } from './front-answers.ts';
import { PERSON } from './registration.ts';
import type { ServerState } from './server-state.ts';
import type { Incoming, Outgoing } from './tls-listener.ts';

// What a person meets on their other device: a list of what waits, with the request of somebody else first, and a page
// for each.

const FOREIGN = { id: 'foreign', message: 'W7K-2Q of somebody else' };

export function answerApprovals(state: ServerState, request: Incoming): Outgoing {
  const { path, method, form, headers } = request;
  const session = /device=([\w-]+)/.exec(headers.cookie ?? '')?.[1] ?? '';
  if (method === 'POST' && path === '/approvals/login') return logIn(state, form);
  if (!state.sessions.has(session)) return loginPage();
  const [, id = '', verb] = /^\/approvals\/([\w-]+)(\/decision)?$/.exec(path) ?? [];
  if (id === '') return list(state);
  if (verb === undefined) return question(id, messageOf(state, id));
  if (id === FOREIGN.id || form.get('decision') !== 'yes') return page('<p id="error-code">not_mine</p>', 403);
  const pending = state.backchannel.get(id);
  if (pending !== undefined) pending.approved = true;
  return seeOther(`/approvals/${id}`);
}

function logIn(state: ServerState, form: URLSearchParams): Outgoing {
  if (form.get('user') !== PERSON.name || form.get('secret') !== PERSON.password) return loginPage(401);
  const session = state.random();
  state.sessions.add(session);
  return seeOther('/approvals', { 'set-cookie': `device=${session}; Secure; HttpOnly; Path=/approvals` });
}

const loginPage = (status = 200): Outgoing =>
  page(
    `<form method="post" action="/approvals/login"><input id="login" name="user">
      <input id="password" name="secret" type="password"><button id="submit-login">Log in</button></form>`,
    status,
  );

function list(state: ServerState): Outgoing {
  const ids = [FOREIGN.id, ...state.backchannel.keys()];
  return page(`<a href="/approvals">Again</a><a href="/elsewhere">Help</a>${ids.map(linkTo).join('')}`);
}

const linkTo = (id: string): string => `<a href='/approvals/${id}'>Look</a>`;

const messageOf = (state: ServerState, id: string): string =>
  id === FOREIGN.id ? FOREIGN.message : (state.backchannel.get(id)?.grant.request.get('binding_message') ?? '');

const question = (id: string, message: string): Outgoing =>
  page(
    `<p>${message}</p><form method="post" action="/approvals/${id}/decision">${hidden('csrf', 'x')}
      <button id="consent-approve" name="decision" value="yes">Yes</button>
      <button id="consent-deny" name="decision" value="no">No</button></form>`,
  );
