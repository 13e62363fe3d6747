import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bankConfig } from './config.ts';

const LOCAL = new URL('../../../infra/config/local/bank.json', import.meta.url);

describe('the configuration of the bank', () => {
  const local = () => JSON.parse(readFileSync(LOCAL, 'utf8'));

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the wrong shape is the point
  it.each<[string, (config: any) => unknown]>([
    ['an unknown key', (config) => (config.insecure = true)],
    ['an unknown key further down', (config) => (config.api.trustProxyHeader = true)],
    ['more silence than two seconds', (config) => (config.revocations.silence = 2_001)],
    ['a slower introspection than half a second', (config) => (config.revocations.introspectionDeadline = 501)],
    ['no bound on silence', (config) => delete config.revocations.silence],
    ['a plaintext issuer', (config) => (config.authorizationServer.issuer = 'http://auth.localhost:9443')],
    ['nobody who says whom to trust', (config) => delete config.authority],
    ['trust from nowhere', (config) => (config.authority.trust = '')],
    ['a certificate authority without TLS', (config) => (config.authority.url = 'http://ca.localhost:9843')],
    ['a certificate authority below a path', (config) => (config.authority.url = 'https://ca.localhost:9843/x')],
    ['a feed that is no host and port', (config) => (config.authority.feed = 'https://rpc.ca.localhost:9845')],
    ['no name of its own to judge proofs by', (config) => (config.dpop.origins = [])],
    ['a name with a path', (config) => (config.dpop.origins = ['https://api.bank.localhost:9543/accounts'])],
    ['a plaintext name', (config) => (config.dpop.origins = ['http://api.bank.localhost:9543'])],
    ['no key for its nonces', (config) => delete config.dpop.nonceKey],
    ['nonces that nobody has to use', (config) => (config.dpop.requireNonces = false)],
    ['a method nobody may call', (config) => (config.rpc.callers['grpc.health.v1.Health/Check'] = [])],
  ])('is refused with %s', (_, spoil) => {
    const config = local();
    spoil(config);
    expect(bankConfig.safeParse(config).success).toBe(false);
  });

  it('is the one in infra/config', () => {
    const { authority, ...rest } = local();
    // A leaf that names no kind of key gets the usual one; names it does not list, it has none of.
    const leaves = authority.leaves.map((leaf: object) => ({ key: 'P-256', dns: [], uri: [], ...leaf }));
    expect(bankConfig.parse(local())).toEqual({ ...rest, authority: { ...authority, leaves } });
  });
});
