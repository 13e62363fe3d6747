import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appNames, movePorts } from './apps.ts';
import type { AppName } from './apps.ts';
import { behindProxy } from './behind-proxy.ts';
import { localConfigurations } from './configuration.ts';

const original = (app: AppName) =>
  JSON.parse(readFileSync(join(localConfigurations, `${app}.json`), 'utf8')) as Record<string, Record<string, unknown>>;
const EDGE = { proxy: 'edge-proxy' };

describe('the configurations of a platform behind a proxy', () => {
  it.each([
    ['authorization-server', 'mtls', 9446],
    ['bank', 'api', 9546],
  ] as const)('let %s present its service at a port of its own, to the proxy alone', (app, door, port) => {
    const before = original(app);
    const { health: healthBefore, [door]: doorBefore, ...rest } = before;
    const { health, [door]: changed, ...same } = behindProxy(app, before);
    const identity = { certificate: `pki/${app}/service.crt`, key: `pki/${app}/service.key` };
    expect(changed).toEqual({ ...doorBefore, listener: { host: '127.0.0.1', port }, identity, edge: EDGE });
    expect(same).toEqual(rest);
    const asked = {
      url: 'https://rpc.bank.localhost:9546',
      trust: 'pki/trust/services.pem',
      names: 'loopback',
      identity,
    };
    expect(health).toEqual(app === 'bank' ? asked : healthBefore);
    expect(movePorts(changed, 1000)).toMatchObject({ listener: { port: port + 1000 } });
  });

  it('are those without one for every other app', () => {
    for (const app of appNames.filter((name) => name !== 'authorization-server' && name !== 'bank'))
      expect(behindProxy(app, original(app))).toEqual(original(app));
  });
});
