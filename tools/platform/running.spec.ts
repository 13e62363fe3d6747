import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { urlsAt } from './apps.ts';
import { findRunning, forgetRunning, recordRunning } from './running.ts';

let home: string;
let server: Server;
let port: number;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-running-'));
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.close();
  rmSync(home, { recursive: true });
});

const record = (pid: number, ports: readonly number[]) =>
  recordRunning(home, { pid, offset: 0, ports, urls: urlsAt(0), configurations: 'config' });

describe('a platform that runs in a home', () => {
  it('is not there without a record, or with a torn one', async () => {
    expect(await findRunning(home)).toBeUndefined();
    writeFileSync(join(home, 'running.json'), '{"pid":');
    expect(await findRunning(home)).toBeUndefined();
  });

  it('is not there when its process is gone', async () => {
    const short = spawn(process.execPath, ['-e', '']);
    await once(short, 'exit');
    record(short.pid ?? 0, [port]);
    expect(await findRunning(home)).toBeUndefined();
  });

  it('is not there when another process has its number and nobody listens', async () => {
    server.close();
    await once(server, 'close');
    record(process.pid, [port]);
    expect(await findRunning(home)).toBeUndefined();
  });

  it('is found, until it is forgotten', async () => {
    record(process.pid, [port]);
    expect(await findRunning(home)).toMatchObject({ pid: process.pid, offset: 0 });
    forgetRunning(home);
    expect(await findRunning(home)).toBeUndefined();
  });
});
