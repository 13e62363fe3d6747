import type { AuditEvent } from '@holdfast/fapi';
import type { Engine, Login } from '@holdfast/fapi/as';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogIn } from '../login/log-in.ts';
import type { PeopleDirectory } from '../people/people.ts';
import type { BrowserSessions } from '../session/browser-sessions.ts';
import { AuthorizeController } from './authorize.controller.tsx';

const NOW = new Date('2026-06-01T12:00:00Z');
const HANDLE = 'h'.repeat(43);
const CLIENT = { id: 'first', name: 'First' };
const reply = {} as FastifyReply;

/** As much of an engine as a refusal in front of it can reach. */
const engineWriting = (events: AuditEvent[]) =>
  ({
    issuer: 'https://auth.test',
    clock: { now: () => NOW },
    clients: { find: () => Promise.resolve(CLIENT) },
    state: { findPushedRequest: () => Promise.resolve({ request: { clientId: 'first' }, used: false }) },
    audit: (event: AuditEvent) => void events.push(event),
  }) as unknown as Engine;

const sessionsOf = (known: { readonly tookUp: boolean; readonly login?: Login }) =>
  ({
    find: () => Promise.resolve({ hash: 'hash', csrf: 'csrf-of-this-session', login: known.login }),
    takenUp: () => Promise.resolve(known.tookUp ? { clientId: 'first', takenUpAt: NOW } : undefined),
  }) as Partial<BrowserSessions> as BrowserSessions;

const post = (form: string, origin = 'https://auth.test') =>
  ({
    headers: { origin },
    raw: { url: '/', rawHeaders: ['content-type', 'application/x-www-form-urlencoded'] },
    body: Buffer.from(form),
  }) as unknown as FastifyRequest;

let events: AuditEvent[];
beforeEach(() => {
  events = [];
});

const decide = (known: Parameters<typeof sessionsOf>[0], request: FastifyRequest) =>
  new AuthorizeController(engineWriting(events), {} as PeopleDirectory, sessionsOf(known), {} as LogIn).decide(
    HANDLE,
    request,
    reply,
  );

describe('a decision is refused, and the audit trail says why,', () => {
  it('in a browser that did not take the request up [FAPI2-SP-FINAL-5.3.2.2-3]', async () => {
    const decision = decide({ tookUp: false }, post('csrf=csrf-of-this-session&decision=approve'));
    await expect(decision).rejects.toMatchObject({ code: 'invalid_request_uri', show: 'page' });
    expect(events).toMatchObject([{ action: 'session.visit', outcome: 'refused', reason: 'request_uri_unknown' }]);
    expect(JSON.stringify(events)).not.toContain(HANDLE);
  });

  it('when another site made the browser send it [RFC6749-10.12] [AUTH-29]', async () => {
    const decision = decide({ tookUp: true }, post('csrf=csrf-of-this-session&decision=approve', 'https://evil.test'));
    await expect(decision).rejects.toMatchObject({ code: 'invalid_request', show: 'page' });
    expect(events).toMatchObject([
      {
        action: 'session.form',
        outcome: 'refused',
        reason: 'form_not_ours',
        client: 'first',
        evidence: { found: 'origin' },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('csrf-of-this-session');
  });

  it('when nobody is logged in [OIDC-CORE-3.1.2.3]', async () => {
    const decision = decide({ tookUp: true }, post('csrf=csrf-of-this-session&decision=approve'));
    await expect(decision).rejects.toMatchObject({ code: 'access_denied', show: 'page' });
    expect(events).toMatchObject([{ action: 'session.decide', outcome: 'refused', reason: 'login_needed' }]);
  });
});
