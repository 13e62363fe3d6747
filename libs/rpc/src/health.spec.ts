import { describe, expect, it } from 'vitest';
import { connectRpc } from './connect-rpc.ts';
import { HealthService } from './gen/grpc/health/v1/health.ts';
import { world } from './testing/bank-service.ts';
import { rawCaller } from './testing/raw-caller.ts';

const { pki, serve, settings, closeLater } = world();

const DIRECTORY = 'holdfast.bank.v1.AccountDirectory';
const healthOf = (port: number) => {
  const client = connectRpc(HealthService, settings(port));
  closeLater(client);
  return client;
};

describe('the health service', () => {
  it('answers nobody who is not listed', async () => {
    const { port } = await serve();
    const caller = rawCaller(port, pki.services.trust, pki.leaf('lab/service'));
    closeLater(caller);
    expect(await caller.call('/grpc.health.v1.Health/Check')).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await caller.call('/grpc.health.v1.Health/Watch')).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('does not vouch for a service it does not know', async () => {
    const { port } = await serve();
    const health = healthOf(port);
    await expect(health.check({ service: 'holdfast.ledger.v1.Ledger' })).rejects.toMatchObject({ code: 'not_found' });
    for await (const { status } of health.watch({ service: 'holdfast.ledger.v1.Ledger' })) {
      expect(status).toBe('SERVICE_UNKNOWN');
      break;
    }
  });

  it('says what the process says, from the start', async () => {
    const { port, server } = await serve({}, { health: { serving: false } });
    const health = healthOf(port);
    expect(await health.check({ service: '' })).toEqual({ status: 'NOT_SERVING' });
    server.setServing(true);
    expect(await health.check({ service: DIRECTORY })).toEqual({ status: 'SERVING' });
  });

  it('tells its watchers of every change, the last one included', async () => {
    const { port, server } = await serve();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { status } of healthOf(port).watch({ service: DIRECTORY })) {
        seen.push(status);
        if (seen.length === 1) server.setServing(false);
        if (seen.length === 2) server.setServing(true);
        if (seen.length === 3) void server.close();
      }
    })();
    await expect(watching).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toEqual(['SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING']);
  });
});
