import { describe, expect, it } from 'vitest';
import { TokenStatus } from './authorization/index.ts';
import { AccountDirectory } from './bank/index.ts';
import { connectRpc } from './connect-rpc.ts';
import { HealthService } from './gen/grpc/health/v1/health.ts';
import { methodName } from './service-definition.ts';
import { CALLERS, world } from './testing/bank-service.ts';
import { rawCaller } from './testing/raw-caller.ts';
import type { Leaf } from './testing/raw-caller.ts';

const { pki, serve, connect, closeLater, settings } = world();

const LIST = '/holdfast.bank.v1.AccountDirectory/ListShareableAccounts';
const REVOKE = '/holdfast.bank.v1.AccountDirectory/RevokeConsent';
const SERVICES = ['authorization-server', 'bank', 'lab', 'fintech', 'ledger'];
const uri = (service: string) => `spiffe://holdfast.test/${service}`;
const internal = (odd: Parameters<typeof pki.mint>[0] = {}) =>
  pki.mint({ issuer: pki.services.intermediate, purpose: 'both', ...odd });

const callerOf = (port: number, leaf: Leaf) => {
  const caller = rawCaller(port, pki.services.trust, leaf);
  closeLater(caller);
  return caller;
};

describe('a caller under the right authority is refused', () => {
  const odd: [string, () => Leaf, string][] = [
    ['without a URI name', () => internal({ dnsNames: ['rpc.auth.localhost'] }), 'identity_missing'],
    ['with two', () => internal({ uris: [uri('authorization-server'), uri('bank')] }), 'identity_ambiguous'],
    [
      'with a second URI of another kind',
      () => internal({ uris: [uri('authorization-server'), 'https://auth.localhost'] }),
      'identity_ambiguous',
    ],
    [
      'of another trust domain',
      () => internal({ uris: ['spiffe://holdfast.example/authorization-server'] }),
      'identity_foreign',
    ],
    ['with a longer path', () => internal({ uris: [uri('authorization-server/admin')] }), 'identity_foreign'],
    ['with a trailing slash', () => internal({ uris: [uri('authorization-server/')] }), 'identity_foreign'],
    ['in upper case', () => internal({ uris: [uri('Authorization-Server')] }), 'identity_foreign'],
    ['with a query', () => internal({ uris: [uri('authorization-server?')] }), 'identity_foreign'],
    ['percent-encoded', () => internal({ uris: [uri('authorization%2Dserver')] }), 'identity_foreign'],
    ['with its name as common name only', () => internal({ subject: 'CN=authorization-server' }), 'identity_missing'],
    [
      'without any extended key usage',
      () => internal({ uris: [uri('authorization-server')], purpose: 'none' }),
      'certificate_wrong_purpose',
    ],
    ['that is the lab', () => pki.leaf('lab/service'), 'caller_not_listed'],
  ];
  it.each(odd)('%s', async (_, leaf, reason) => {
    const { port, decisions } = await serve();
    const answer = await callerOf(port, leaf()).call(LIST);
    expect(answer).toEqual({ code: 'PERMISSION_DENIED', details: 'permission denied' });
    expect(decisions).toMatchObject([{ method: LIST.slice(1), outcome: 'refused', reason }]);
  });

  it('whatever it says about itself in metadata', async () => {
    const { port, decisions } = await serve();
    const metadata = {
      'x-caller': 'authorization-server',
      'x-forwarded-client-cert': `URI=${uri('authorization-server')}`,
      'x-spiffe-id': uri('authorization-server'),
      authorization: 'Bearer authorization-server',
    };
    const answer = await callerOf(port, pki.leaf('lab/service')).call(LIST, { metadata });
    expect(answer.code).toBe('PERMISSION_DENIED');
    expect(decisions).toMatchObject([{ caller: 'lab', presented: [uri('lab')], reason: 'caller_not_listed' }]);
  });

  it('for a method that does not exist', async () => {
    const { port } = await serve();
    const caller = callerOf(port, pki.leaf('authorization-server/service'));
    const unknown = await caller.call('/holdfast.bank.v1.AccountDirectory/DropEverything');
    expect(unknown.code).toBe('UNIMPLEMENTED');
  });

  it('when the decision cannot be recorded', async () => {
    const failing = () => {
      throw new Error('disk full');
    };
    const { port } = await serve({}, { onDecision: failing });
    const answer = await callerOf(port, pki.leaf('authorization-server/service')).call(LIST);
    expect(answer).toEqual({ code: 'INTERNAL', details: 'internal error' });
  });
});

describe('every method against every service', () => {
  const definitions = [AccountDirectory, TokenStatus, HealthService];
  const methods = definitions.flatMap((definition) => Object.values(definition).map(methodName));
  const lists: Readonly<Record<string, readonly string[]>> = CALLERS;
  const listed = (method: string, service: string) =>
    lists[method]!.includes(service) || lists[method]!.includes(uri(service));

  it('covers all that is served', () => {
    expect(methods).toHaveLength(7);
    expect(methods.toSorted()).toEqual(Object.keys(CALLERS).toSorted());
  });

  it.each(SERVICES)('%s reaches what lists it, and nothing else', async (service) => {
    const { port, decisions } = await serve();
    const caller = callerOf(port, internal({ uris: [uri(service)] }));
    for (const method of methods) {
      const answer = await caller.call(`/${method}`);
      expect([method, answer.code]).toEqual([method, listed(method, service) ? 'OK' : 'PERMISSION_DENIED']);
    }
    expect(decisions.map(({ method, outcome }) => [method, outcome])).toEqual(
      methods.map((method) => [method, listed(method, service) ? 'allowed' : 'refused']),
    );
  });
});

describe('a certificate that expires while its channel is open', () => {
  const soon = (ms: number) => {
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const leaf = internal({
      uris: [uri('authorization-server')],
      notAfter: new Date(Math.ceil(clock.at / 1000) * 1000 + ms),
    });
    return { clock, leaf };
  };

  it('is refused at the next call', async () => {
    const { clock, leaf } = soon(3_600_000);
    const { port, decisions } = await serve({}, { clock });
    const caller = callerOf(port, leaf);
    expect((await caller.call(REVOKE)).code).toBe('OK');
    clock.at += 3_602_000;
    expect(await caller.call(REVOKE)).toEqual({ code: 'PERMISSION_DENIED', details: 'permission denied' });
    expect(decisions.map(({ reason }) => reason)).toEqual([undefined, 'certificate_expired']);
  });

  it('ends the streams that came with it', async () => {
    const { clock, leaf } = soon(3_600_000);
    // Half a second of its life is left when the stream opens.
    clock.at = leaf.certificate.validToDate.getTime() - 500;
    const { port } = await serve({}, { clock });
    const client = connectRpc(TokenStatus, { ...settings(port), identity: pki.identity(leaf) });
    closeLater(client);
    const updates: number[] = [];
    const ended = (async () => {
      for await (const { cursor } of client.watchRevocations({ sinceCursor: 0 })) updates.push(cursor);
    })();
    await expect(ended).rejects.toMatchObject({ code: 'permission_denied' });
    expect(updates).toEqual([1, 2, 3]);
  });
});

describe('a listed caller', () => {
  it('is let in, and the handler knows who it is', async () => {
    const callers: string[] = [];
    const { port, decisions } = await serve({
      listShareableAccounts: async (_, { caller }) => {
        callers.push(caller);
        return { accounts: [] };
      },
    });
    await connect(port).listShareableAccounts({ customerId: 'cus-alice-7302' });
    expect(callers).toEqual(['authorization-server']);
    expect(decisions).toEqual([
      {
        method: LIST.slice(1),
        outcome: 'allowed',
        reason: undefined,
        caller: 'authorization-server',
        presented: [uri('authorization-server')],
        thumbprint: pki.peer('authorization-server/service').thumbprint,
      },
    ]);
  });
});
