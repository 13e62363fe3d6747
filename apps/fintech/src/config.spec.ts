import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fintechConfig, redirectUri } from './config.ts';

const local = JSON.parse(
  readFileSync(new URL('../../../infra/config/local/fintech.json', import.meta.url), 'utf8'),
) as Record<string, Record<string, unknown>>;
const having = (section: string, change: object) => ({ ...local, [section]: { ...local[section], ...change } });

describe('the configuration', () => {
  it.each([
    ['an unknown key', { ...local, insecure: true }],
    ['an unknown key inside', having('bank', { bearer: true })],
    ['an issuer without TLS', having('bank', { issuer: 'http://auth.localhost:9443' })],
    ['an issuer with a query [RFC8414-2]', having('bank', { issuer: 'https://auth.localhost:9443?x' })],
    ['a bank API with a path', having('bank', { api: 'https://api.bank.localhost:9543/v1' })],
    ['an origin with a slash', having('web', { origin: 'https://fintech.localhost:9643/' })],
    ['an unknown time zone', having('web', { timeZone: 'Atlantis/Sunken' })],
    ['no trust', having('authority', { trust: '' })],
    ['a feed, which only services have', having('authority', { feed: 'rpc.ca.localhost:9845' })],
  ])('is refused with %s', (_title, config) => {
    expect(fintechConfig.safeParse(config).success).toBe(false);
  });

  it('for this machine is valid, and comes back where the bank expects it', () => {
    expect(redirectUri(fintechConfig.parse(local))).toBe('https://fintech.localhost:9643/callback');
  });
});
