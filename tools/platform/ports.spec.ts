import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { holderOf, isPortFree } from './ports.ts';

describe('a port', () => {
  it('is taken while somebody listens, and tells who; free afterwards', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;

    expect(await isPortFree(port)).toBe(false);
    expect((await holderOf(port))?.pid).toBe(process.pid);

    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
    expect(await holderOf(port)).toBeUndefined();
  });
});
