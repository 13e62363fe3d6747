import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { engineFixture, expectRefusal, push, refresh, request, tokens } from '../../testing/engine-fixture.ts';
import { findPending, takeUpRequest } from '../authorize/take-up.ts';
import { isTokenAlive } from '../introspection/token-status.ts';
import { exchange } from '../token/exchange.ts';
import { revokeGrantsOfDisabledClients } from './disabled-clients.ts';

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture();
});

const switchOff = (id: string): void => void f.clients.set(id, { ...f.clients.get(id)!, disabled: true });
const start = () => {
  const disabled = [...f.clients.values()].filter((client) => client.disabled);
  return revokeGrantsOfDisabledClients(
    f.engine,
    disabled.map(({ id }) => id),
  );
};

describe('a client that was switched off', () => {
  it('has its tokens revoked at the next start, those of people and those of its own [RS-23]', async () => {
    const { grant_id: grant = '' } = await tokens(f);
    await start();
    expect(await isTokenAlive(f.engine, 'token-1', grant)).toBe(true);
    expect(await isTokenAlive(f.engine, 'token-1', 'client:first')).toBe(true);

    switchOff('first');
    expect(await isTokenAlive(f.engine, 'token-1', 'client:first')).toBe(false);
    await start();
    const told = (await f.state.revocationsSince(new Date(0), f.clock.now())).map(({ id }) => id);
    expect(told).toEqual([grant, 'client:first']);
    expect(f.events).toContainEqual({
      action: 'grant.revoke',
      outcome: 'allowed',
      reason: 'client_disabled',
      grant,
      client: 'first',
    });
    expect(await isTokenAlive(f.engine, 'token-1', 'client:second')).toBe(true);
  });

  it('gets no new token, and is no further after it is switched on again: people have to agree anew', async () => {
    const { refresh_token: token } = await tokens(f);
    const honest = f.clients.get('first')!;
    switchOff('first');
    await start();
    await expectRefusal(f, refresh(f, token), 'invalid_client', 'client_disabled');
    f.clients.set('first', honest);
    await expectRefusal(f, refresh(f, token), 'invalid_grant', 'grant_revoked');
    expect((await tokens(f)).access_token).toBeTypeOf('string');
  });

  it('is refused with its own certificate as well as with none', async () => {
    switchOff('first');
    const form = { grant_type: 'client_credentials', client_id: 'first' };
    await expectRefusal(f, exchange(f.engine, request(form, f.peers.first)), 'invalid_client', 'client_disabled');
    await expectRefusal(f, exchange(f.engine, request(form, undefined)), 'invalid_client', 'client_disabled');
  });

  it('is not let in with a request it pushed before, nor at a page that is open already [RFC9126-4]', async () => {
    const { request_uri: uri } = await push(f);
    const query = [
      ['client_id', 'first'],
      ['request_uri', uri],
    ] as const;
    const honest = f.clients.get('first')!;
    switchOff('first');
    const error = await expectRefusal(f, takeUpRequest(f.engine, query), 'unauthorized_client', 'client_disabled');
    expect(error.show).toBe('page');
    const again = findPending(f.engine, { ...honest, disabled: true }, uri);
    await expect(again).rejects.toMatchObject({ reason: 'client_disabled', show: 'page' });
    f.clients.set('first', honest);
    expect(await takeUpRequest(f.engine, query)).toMatchObject({ requestUri: uri });
  });
});
