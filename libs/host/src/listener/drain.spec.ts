import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientTls } from '@holdfast/mtls';
import { Controller, Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ask, dial } from '../testing/ask.ts';
import type { Door } from '../testing/door.ts';
import { openDoor, pki } from '../testing/door.ts';

@Controller()
class Slow {
  @Get('/quick')
  quick() {
    return { ok: true };
  }

  @Get('/slow')
  async slow() {
    await sleep(400);
    return { ok: true };
  }

  @Get('/endless')
  endless() {
    return new Promise(() => undefined);
  }
}

const exposure = { 'GET /quick': 'none', 'GET /slow': 'none', 'GET /endless': 'none' };
const tls = clientTls({ serverTrust: pki.web.trust, names: 'loopback' });
const open = (limits = {}) => openDoor({ controllers: [Slow], exposure, limits });

interface Counted {
  answered: number;
  readonly failed: unknown[];
}

/** Calls on a kept-alive connection until the door is gone. A call has failed when its request could have gone out. */
async function load(port: number, path: string, counted: Counted): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const reached = new WeakSet<object>();
  for (;;) {
    const question = get({ ...tls, agent, host: 'mtls.auth.localhost', port, path });
    question.once('socket', (socket) => socket.once('secureConnect', () => reached.add(socket)));
    try {
      const [answer] = (await once(question, 'response')) as [IncomingMessage];
      await once(answer.resume(), 'end');
      if (answer.statusCode === 200) counted.answered++;
      else counted.failed.push(answer.statusCode);
    } catch (error) {
      // Turned away before the handshake is no failed call: whoever is turned away asks the next replica.
      if (question.socket && reached.has(question.socket)) counted.failed.push(error);
      break;
    }
  }
  agent.destroy();
}

async function connections({ listener }: Door): Promise<number> {
  return new Promise((resolve) => listener.server.getConnections((_error, count) => resolve(count)));
}

describe('a drain', () => {
  it('fails no call of a crowd that keeps calling', async () => {
    const door = await open({ lameDuck: 300, drainIdle: 300, drain: 5_000 });
    const counted: Counted = { answered: 0, failed: [] };
    const crowd = Array.from({ length: 24 }, (_, i) => load(door.port, i % 4 === 0 ? '/slow' : '/quick', counted));
    while (counted.answered < 200) await sleep(20);
    const before = counted.answered;
    door.ctx.startDraining();
    await door.listener.close();
    await Promise.all(crowd);
    expect(counted.failed).toEqual([]);
    expect(counted.answered).toBeGreaterThan(before);
    expect(await connections(door)).toBe(0);
  });

  it('answers what is in flight and says that the connection ends', async () => {
    const door = await open({ lameDuck: 0, drainIdle: 50, drain: 2_000 });
    const slow = ask(door.port, '/slow');
    await sleep(100);
    await door.listener.close();
    expect(await slow).toMatchObject({ status: 200, headers: { connection: 'close' } });
  });

  it('closes connections at rest, also those that never asked anything', async () => {
    const door = await open({ lameDuck: 0, drainIdle: 100, drain: 5_000 });
    const silent = await dial(door.port);
    const used = await dial(door.port);
    used.write('GET /quick HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(used, 'data');
    const closed = Promise.all([once(silent.resume(), 'close'), once(used.resume(), 'close')]);
    const started = performance.now();
    await door.listener.close();
    await closed;
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('accepts nobody new once it is over', async () => {
    const door = await open();
    await door.listener.close();
    await expect(ask(door.port, '/quick')).rejects.toThrow('ECONNREFUSED');
  });

  it('ends in time, whatever is still running, and says so', async () => {
    const door = await open({ lameDuck: 0, drainIdle: 50, drain: 300 });
    const endless = ask(door.port, '/endless').catch((error: unknown) => error);
    await sleep(100);
    const started = performance.now();
    await door.listener.close();
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(await endless).toBeInstanceOf(Error);
    expect(door.log.filter((line) => line.includes('cut connections off'))).toHaveLength(1);
  });

  it('is seen on /readyz before the door closes, and not on /livez', async () => {
    const door = await open({ lameDuck: 300, drainIdle: 100, drain: 2_000 });
    expect((await ask(door.port, '/readyz')).status).toBe(200);
    door.ctx.startDraining();
    const closing = door.listener.close();
    expect(await ask(door.port, '/readyz')).toMatchObject({
      status: 503,
      body: '{"status":"not ready","failing":["draining"]}',
    });
    expect((await ask(door.port, '/livez')).status).toBe(200);
    await closing;
  });
});
