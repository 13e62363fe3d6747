import type { AuthorizationState, Engine, RegisteredClient } from '@holdfast/fapi/as';
import { RevocationKind } from '@holdfast/rpc/authorization';
import type { RevocationUpdate } from '@holdfast/rpc/authorization';
import { storesUnderTest } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authorizationState } from '../state/authorization-state.ts';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { tokenStatus } from './token-status.ts';

const clock = { now: () => new Date() };
const inFiveMinutes = () => new Date(Date.now() + 300_000);

describe.each(storesUnderTest())('token status on $name', ({ open }) => {
  let state: AuthorizationState;
  let replica: AuthorizationState;
  let engine: Pick<Engine, 'state' | 'clients' | 'clock'>;
  let clients: Map<string, Pick<RegisteredClient, 'disabled'>>;
  let ended: AbortController;

  beforeEach(async () => {
    const store = await open<AuthorizationTables>(migrations);
    state = authorizationState(store);
    replica = authorizationState(await open<AuthorizationTables>(migrations, { sameAs: store }));
    ended = new AbortController();
    clients = new Map([['first', { disabled: false }]]);
    engine = { state, clock, clients: { find: async (id) => clients.get(id) as RegisteredClient | undefined } };
    await state.createPushedRequest(
      'urn:request',
      {
        clientId: 'first',
        redirectUri: 'https://first.test',
        responseType: 'code',
        responseMode: 'query',
        scopes: ['openid'],
        authorizationDetails: [],
        codeChallenge: 'c'.repeat(43),
        usableUntil: Date.now(),
      },
      inFiveMinutes(),
    );
    await state.completeAuthorization({
      requestUri: 'urn:request',
      now: new Date(),
      grant: {
        id: 'grant-1',
        clientId: 'first',
        subject: 'alice',
        scopes: ['openid'],
        authorizationDetails: [],
        createdAt: new Date(),
        expiresAt: inFiveMinutes(),
      },
      code: 'code-1',
      issued: {
        clientId: 'first',
        grantId: 'grant-1',
        subject: 'alice',
        redirectUri: 'https://first.test',
        codeChallenge: 'c'.repeat(43),
        idTokenClaims: {},
      },
      codeUntil: inFiveMinutes(),
    });
  });
  afterEach(() => {
    ended.abort();
  });

  const call = () => ({ method: 'test', caller: 'bank', signal: ended.signal });
  const introspect = (tokenId: string, grantId: string) => tokenStatus(engine).introspect({ tokenId, grantId }, call());

  it('is inactive for a grant nobody knows', async () => {
    expect(await introspect('token-1', 'grant-9')).toEqual({ active: false });
  });

  it('is inactive for what a client has in its own name once nobody knows the client or it is switched off', async () => {
    expect(await introspect('token-1', 'client:second')).toEqual({ active: false });
    expect(await introspect('token-1', 'client:first')).toEqual({ active: true });
    clients.set('first', { disabled: true });
    expect(await introspect('token-1', 'client:first')).toEqual({ active: false });
    expect(await introspect('token-1', 'grant-1')).toEqual({ active: false });
  });

  it('is inactive for everything of a client whose grants were revoked, in its own name too', async () => {
    await replica.revokeGrantsOfClient('first', 'client:first', 'client_disabled', new Date(), inFiveMinutes());
    expect(await introspect('token-1', 'client:first')).toEqual({ active: false });
    expect(await introspect('token-1', 'grant-1')).toEqual({ active: false });
  });

  it('is inactive for a revoked token and for a revoked grant [RFC7009-2.1]', async () => {
    expect(await introspect('token-1', 'grant-1')).toEqual({ active: true });
    await state.revokeAccessToken('token-1', new Date(), inFiveMinutes());
    expect(await introspect('token-1', 'grant-1')).toEqual({ active: false });
    expect(await introspect('token-2', 'grant-1')).toEqual({ active: true });
    await state.revokeGrant('grant-1', 'test', new Date(), inFiveMinutes());
    expect(await introspect('token-2', 'grant-1')).toEqual({ active: false });
  });

  it('tells what was revoked before, then what another replica revokes, each once, within the bound of two seconds', async () => {
    await state.revokeAccessToken('early', new Date(), inFiveMinutes());
    const stream = tokenStatus(engine).watchRevocations({ sinceCursor: 0 }, call())[Symbol.asyncIterator]();
    const next = async () => (await stream.next()).value as RevocationUpdate;
    const idsOf = ({ revocations }: RevocationUpdate) => revocations.map(({ id }) => id);

    const snapshot = await next();
    expect([idsOf(snapshot), snapshot.snapshotComplete]).toEqual([['early'], true]);
    const heartbeat = await next();
    expect(idsOf(heartbeat)).toEqual([]);
    const began = performance.now();
    await replica.revokeGrant('grant-1', 'test', new Date(), inFiveMinutes());
    const update = await next();
    expect(update.revocations).toMatchObject([{ kind: RevocationKind.GRANT, id: 'grant-1' }]);
    expect(update.cursor).toBeGreaterThanOrEqual(heartbeat.cursor);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(idsOf(await next())).toEqual([]);
  });

  it('ends its stream when nobody listens any more', async () => {
    const stream = tokenStatus(engine).watchRevocations({ sinceCursor: 0 }, call())[Symbol.asyncIterator]();
    await stream.next();
    ended.abort();
    expect((await stream.next()).done).toBe(true);
  });
});
