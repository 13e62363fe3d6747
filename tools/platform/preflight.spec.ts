import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portsOf } from './apps.ts';
import { checkClock, checkPorts } from './preflight.ts';

const DAY = 86_400_000;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-preflight-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe('before a start', () => {
  it('refuses a clock that stands before the files of the workspace, and names the clock', () => {
    expect(() => checkClock(home, new Date('2001-01-01T00:00:00Z'))).toThrow(
      'the clock of this machine says 2001-01-01',
    );
  });

  it('refuses a clock that stands before the roots of the home', () => {
    const later = new Date(Date.now() + 10 * DAY);
    throwAwayPki({ now: later }).write(home);
    expect(() => checkClock(home, new Date())).toThrow('web.pem');
  });

  it('accepts the clock of today', () => {
    throwAwayPki().write(home);
    expect(() => checkClock(home, new Date())).not.toThrow();
  });

  it('names the first port that is taken, by whom, and the others', async () => {
    const offset = 12_000;
    const servers = portsOf('bank', offset).map((port) => createServer().listen(port, '127.0.0.1'));
    try {
      const [first, second] = portsOf('bank', offset);
      await expect(checkPorts(['fintech', 'bank'], offset)).rejects.toThrow(
        new RegExp(`port ${first} \\(bank\\) is taken by process ${process.pid} .*taken as well: ${second}`),
      );
      await expect(checkPorts(['fintech'], offset)).resolves.toBeUndefined();
    } finally {
      for (const server of servers) server.close();
    }
  });
});
