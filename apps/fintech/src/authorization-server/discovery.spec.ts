import { afterEach, describe, expect, it } from 'vitest';
import type { ServerMischief } from '../testing/little-authorization-server.ts';
import type { World } from '../testing/tidepool-under-test.ts';
import { openWorld } from '../testing/tidepool-under-test.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** Starts Tidepool against such a server and waits for the first judgement. */
async function startWith(mischief: ServerMischief): Promise<World> {
  world = await openWorld({ prepare: (as) => (as.mischief = mischief), wait: false });
  await until(() => (world?.audit('discovery').length ?? 0) > 0);
  return world;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

type Json = Record<string, unknown>;
const having =
  (change: Json) =>
  (honest: Json): Json => ({ ...honest, ...change });

describe('discovery', () => {
  const faults: readonly [title: string, reason: string, mischief: ServerMischief][] = [
    [
      'another issuer [RFC8414-3.3] [CLI-10]',
      'issuer_mismatch',
      { metadata: having({ issuer: 'https://evil.localhost' }) },
    ],
    [
      'a trailing slash [RFC8414-3.3] [CLI-10]',
      'issuer_mismatch',
      { metadata: (m) => ({ ...m, issuer: `${String(m['issuer'])}/` }) },
    ],
    [
      'other letter case [RFC8414-3.3]',
      'issuer_mismatch',
      { metadata: (m) => ({ ...m, issuer: String(m['issuer']).replace('auth', 'AUTH') }) },
    ],
    ['no issuer [RFC8414-2]', 'metadata_unusable', { metadata: (m) => ({ ...m, issuer: undefined }) }],
    [
      'a redirect [FAPI2-SP-FINAL-5.3.3.1-11]',
      'redirect_not_followed',
      { discovery: () => ({ status: 302, headers: { location: 'https://evil.localhost/' } }) },
    ],
    [
      'no iss in its answers [RFC9207-3]',
      'iss_parameter_unsupported',
      { metadata: having({ authorization_response_iss_parameter_supported: false }) },
    ],
    [
      'no mTLS aliases [RFC8705-5] [FAPI2-SP-FINAL-5.3.3.1-7] [CLI-02]',
      'mtls_alias_missing',
      { metadata: having({ mtls_endpoint_aliases: {} }) },
    ],
    [
      'plain http [RFC8414-2]',
      'endpoint_not_https',
      { metadata: having({ authorization_endpoint: 'http://auth.localhost/authorize' }) },
    ],
    ['no keys [OIDC-DISCOVERY-3]', 'jwks_uri_missing', { metadata: having({ jwks_uri: undefined }) }],
    [
      'no JSON',
      'metadata_not_json',
      { discovery: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }) },
    ],
  ];

  it.each(faults)('refuses metadata with %s', async (_title, reason, mischief) => {
    const { audit, ctx, as, browser } = await startWith(mischief);
    expect(audit('discovery')).toMatchObject([{ outcome: 'refused', reason }]);
    expect(await ctx.health.readiness()).toEqual({ ready: false, failing: ['login service of the bank'] });
    const page = await browser().get('/');
    expect(page.html).toContain('cannot be reached yet');
    expect(page.html).not.toContain('action="/link"');
    expect(as.calls.every(({ endpoint }) => endpoint === '/.well-known/openid-configuration')).toBe(true);
  });

  it('refuses to link while the login service is unknown, even when asked by hand', async () => {
    const { browser, as, audit } = await startWith({ discovery: () => ({ status: 503 }) });
    const person = browser();
    await person.get('/');
    const seen = await person.post('/link');
    expect(seen.status).toBe(503);
    expect(as.callsTo('/par')).toHaveLength(0);
    expect(audit('link.start').at(-1)).toMatchObject({ outcome: 'refused', reason: 'unreachable' });
  });

  it('keeps asking, writes one event per change, and goes on when the service answers well', async () => {
    const { as, audit, ctx } = await startWith({ discovery: () => undefined });
    await until(() => as.callsTo('/.well-known/openid-configuration').length > 2);
    expect(audit('discovery')).toHaveLength(1);
    as.mischief = {};
    await until(() => audit('discovery').length === 2);
    expect(audit('discovery')[1]).toMatchObject({ outcome: 'allowed' });
    await expect.poll(async () => (await ctx.health.readiness()).ready, { timeout: 3000 }).toBe(true);
  });
});
