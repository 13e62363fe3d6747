import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientRegistrations, RegistrationChange } from '../as/registration/registrations.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const LATER = new Date(NOW.getTime() + 3_600_000);

const change = (clientId: string, identifiers: readonly string[], jti = `jti-${clientId}`): RegistrationChange => ({
  registration: {
    clientId,
    issuedAt: NOW,
    profile: 'fapi2-security',
    metadata: { client_name: clientId, redirect_uris: [`https://${clientId}.test/callback`] },
    statement: `statement of ${clientId}`,
  },
  identifiers,
  used: { issuer: 'https://directory.test', jti, until: LATER },
});

/**
 * What every implementation of {@link ClientRegistrations} has to do.
 * @param open gives fresh registrations, and further replicas on the same data
 */
export function clientRegistrationsContract(
  open: () => Promise<{ registrations: ClientRegistrations; replica(): Promise<ClientRegistrations> }>,
): void {
  let here: ClientRegistrations;
  let there: ClientRegistrations;
  beforeEach(async () => {
    const { registrations, replica } = await open();
    here = registrations;
    there = await replica();
  });

  describe('a registration', () => {
    it('is not written when another client has one of its identifiers, and its statement stays unused', async () => {
      await here.register(change('one', ['key:a', 'redirect_uri:b']), 'token-one');
      const taken = change('two', ['key:c', 'redirect_uri:b']);
      expect(await there.register(taken, 'token-two')).toEqual({ kind: 'taken', identifier: 'redirect_uri:b' });
      expect(await there.find('two')).toBeUndefined();
      expect(await there.register(change('two', ['key:c']), 'token-two')).toEqual({ kind: 'done' });
    });

    it('is not written twice on one statement, at whatever replica [RFC7591-2.3]', async () => {
      await here.register(change('one', ['key:a'], 'same'), 'token-one');
      expect(await there.register(change('two', ['key:b'], 'same'), 'token-two')).toEqual({ kind: 'replayed' });
      expect(await there.find('two')).toBeUndefined();
      expect(await there.register(change('three', ['key:b']), 'token-three')).toEqual({ kind: 'done' });
    });

    it('is written for one of twenty who want the same identifier at once, on two replicas', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, racer) =>
          (racer % 2 === 0 ? here : there).register(
            change(`racer-${racer}`, ['key:a', `own:${racer}`]),
            `token-${racer}`,
          ),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'taken')).toHaveLength(19);
    });

    it('is written for one of twenty who present the same statement at once, on two replicas', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, racer) =>
          (racer % 2 === 0 ? here : there).register(change(`racer-${racer}`, [`own:${racer}`], 'same'), 'token'),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
    });

    it('is not found by the token of another client, nor by none', async () => {
      await here.register(change('one', ['key:a']), 'token-one');
      await here.register(change('two', ['key:b']), 'token-two');
      expect(await there.findByToken('one', 'token-two')).toBeUndefined();
      expect(await there.findByToken('one', '')).toBeUndefined();
      expect(await there.findByToken('three', 'token-one')).toBeUndefined();
      expect(await there.findByToken('one', 'token-one')).toMatchObject({ clientId: 'one' });
    });

    it('is found as it was written, at once, at every replica', async () => {
      await here.register(change('one', ['key:a']), 'token-one');
      expect(await there.find('one')).toEqual(change('one', []).registration);
    });
  });

  describe('an update', () => {
    beforeEach(async () => {
      await here.register(change('one', ['key:a']), 'token-one');
      await here.register(change('two', ['key:b']), 'token-two');
    });

    it('changes nothing of a client that is gone', async () => {
      await here.remove('one');
      expect(await there.replace(change('one', ['key:c'], 'next'))).toEqual({ kind: 'gone' });
      expect(await there.find('one')).toBeUndefined();
    });

    it('changes nothing when another client has an identifier, or the statement was used before', async () => {
      const before = await here.find('one');
      const taken = await there.replace(change('one', ['key:a', 'key:b'], 'next'));
      expect(taken).toEqual({ kind: 'taken', identifier: 'key:b' });
      expect(await there.replace(change('one', ['key:a'], 'jti-two'))).toEqual({ kind: 'replayed' });
      expect(await here.find('one')).toEqual(before);
      const { registration } = change('three', []);
      expect(await here.register({ registration, identifiers: ['key:a'] }, 'token')).toMatchObject({ kind: 'taken' });
    });

    it('replaces what was registered, keeps id, time and token, and lets go of what is no longer claimed', async () => {
      const next = change('one', ['key:c'], 'next');
      const registration = { ...next.registration, issuedAt: LATER, metadata: { client_name: 'renamed' } };
      expect(await there.replace({ ...next, registration })).toEqual({ kind: 'done' });
      expect(await here.findByToken('one', 'token-one')).toEqual({ ...registration, issuedAt: NOW });
      expect(await here.register(change('three', ['key:a']), 'token-three')).toEqual({ kind: 'done' });
    });
  });

  describe('a removal', () => {
    it('happens once, and leaves the identifiers to whoever comes next', async () => {
      await here.register(change('one', ['key:a']), 'token-one');
      expect(await there.remove('one')).toBe(true);
      expect(await here.remove('one')).toBe(false);
      expect(await here.findByToken('one', 'token-one')).toBeUndefined();
      expect(await here.register(change('two', ['key:a']), 'token-two')).toEqual({ kind: 'done' });
    });
  });
}
