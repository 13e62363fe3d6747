import { liveTrust } from '@holdfast/mtls';
import type { LiveTrust } from '@holdfast/mtls';
import { describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { openDoor, pki } from '../testing/door.ts';

const HOUR = 3_600_000;
const leaf = pki.mint({ issuer: pki.web.intermediate, notAfter: new Date(Date.now() + HOUR) });
const { notAfter, thumbprint } = pki.peer(leaf);
const held = [{ name: 'bank/"api"\\', thumbprint, issuer: 'above-it', notAfter }];

async function openTelling(trust: LiveTrust, ready = true) {
  const door = await openDoor({ name: 'browser', controllers: [], exposure: {} });
  door.ctx.health.tell({ held: () => held, trust });
  if (!ready)
    door.ctx.health.add('store', () => {
      throw new Error('password wrong');
    });
  const get = (path: string) => ask(door.port, path, { host: 'auth.localhost' });
  return { ...door, get };
}

describe('what a process tells of its health', () => {
  it('is what fails and what runs out when, and nothing secret', async () => {
    const trust = liveTrust(pki.state({ version: 4 }), 'authority', new Date());
    trust.confirm(new Date(Date.now() - 3_000));
    const { get } = await openTelling(trust, false);
    const { status, body, headers } = await get('/health');
    expect([status, headers['content-type']]).toEqual([503, 'application/json; charset=utf-8']);
    const told = JSON.parse(body) as {
      certificates: { secondsLeft: number }[];
      trust: { confirmedSecondsAgo: number };
    };
    expect(told).toMatchObject({
      ready: false,
      failing: ['store'],
      certificates: [{ name: 'bank/"api"\\', notAfter: notAfter.toISOString(), issuer: 'above-it' }],
      trust: {
        version: 4,
        revocationLists: [{ purpose: 'web' }, { purpose: 'participants' }, { purpose: 'services' }],
      },
    });
    expect(told.certificates[0]?.secondsLeft).toBeGreaterThan(3_500);
    expect(told.certificates[0]?.secondsLeft).toBeLessThanOrEqual(3_600);
    expect(told.trust.confirmedSecondsAgo).toBeGreaterThanOrEqual(3);
    expect(told.trust.confirmedSecondsAgo).toBeLessThan(10);
    expect(body).not.toMatch(/password|PRIVATE|BEGIN/);
  });

  it('is green when nothing fails, also before the authority has spoken', async () => {
    const { get } = await openTelling(liveTrust(pki.state(), 'authority', new Date()));
    const { status, body } = await get('/health');
    expect([status, JSON.parse(body)]).toMatchObject([200, { ready: true, trust: { confirmedSecondsAgo: null } }]);
    expect((await get('/metrics')).body).toContain('\nholdfast_trust_confirmed_seconds_ago +Inf\n');
  });

  it('is there in numbers for monitoring, in the text format of Prometheus', async () => {
    const trust = pki.live();
    trust.confirm(new Date());
    const { get, log } = await openTelling(trust);
    const { status, body, headers } = await get('/metrics');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const line =
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="([^"\\]|\\["\\n])*"\})? (\+Inf|-?\d+(\.\d+)?(e[+-]?\d+)?))$/;
    expect(body.endsWith('\n')).toBe(true);
    expect(
      body
        .trimEnd()
        .split('\n')
        .filter((each) => !line.test(each)),
    ).toEqual([]);
    expect(body).toMatch(/^holdfast_ready 1$/m);
    expect(body).toMatch(/^holdfast_certificate_seconds_left\{name="bank\/\\"api\\"\\\\"\} 3\d{3}(\.\d)?$/m);
    expect(body).toMatch(/^holdfast_trust_version 1$/m);
    expect(body).toMatch(/^holdfast_trust_confirmed_seconds_ago \d+(\.\d)?$/m);
    expect(body).toMatch(/^holdfast_revocation_list_seconds_left\{purpose="services"\} \d+/m);
    for (const basic of ['cpu_seconds_total', 'resident_memory_bytes', 'start_time_seconds'])
      expect(body).toMatch(new RegExp(`^process_${basic} [\\d.e+]+$`, 'm'));
    expect(log.join('')).not.toContain('"level":"info","route":"/metrics"');
  });

  it('leaves out what a process does not have', async () => {
    const { port } = await openDoor({ name: 'browser', controllers: [], exposure: {} });
    const { body } = await ask(port, '/health', { host: 'auth.localhost' });
    expect(JSON.parse(body)).toEqual({ ready: true, failing: [], certificates: [] });
    expect((await ask(port, '/metrics', { host: 'auth.localhost' })).body).not.toContain('holdfast_trust');
  });
});
