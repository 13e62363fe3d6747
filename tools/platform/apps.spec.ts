import { describe, expect, it } from 'vitest';
import { appNamed, movePorts, portsOf, urlsAt } from './apps.ts';

describe('moving the platform to other ports', () => {
  it('moves listeners, URLs, gRPC targets, redirect URIs and keys', () => {
    const config = {
      listener: { host: '127.0.0.1', port: 9543 },
      issuer: 'https://auth.localhost:9443',
      rpc: { target: 'rpc.bank.localhost:9545' },
      clients: [{ redirectUris: ['https://fintech.localhost:9643/callback'] }],
      'https://lab.localhost:9743': true,
    };
    expect(movePorts(config, 1000)).toEqual({
      listener: { host: '127.0.0.1', port: 10543 },
      issuer: 'https://auth.localhost:10443',
      rpc: { target: 'rpc.bank.localhost:10545' },
      clients: [{ redirectUris: ['https://fintech.localhost:10643/callback'] }],
      'https://lab.localhost:10743': true,
    });
  });

  it('leaves every other number and text alone', () => {
    const config = { port: 5432, lifetime: 9443, text: 'at 9443', file: 'data/9443.sqlite', none: null, on: true };
    expect(movePorts(config, 1000)).toEqual(config);
  });

  it('moves its own list the same way', () => {
    expect(urlsAt(100).fintech).toBe('https://fintech.localhost:9743');
    expect(portsOf('bank', 100)).toEqual([9643, 9645]);
  });

  it('refuses an app that does not exist, and names those that do', () => {
    expect(() => appNamed('bnak')).toThrow('certificate-authority, authorization-server, bank, fintech, lab');
  });
});
