import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificationRequest } from './certification-request.ts';
import { party } from './subject.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
/** What OpenSSL says, on both outputs: a signature that is wrong does not make it fail. */
function openssl(request: Buffer): string {
  const args = ['req', '-inform', 'DER', '-verify', '-noout', '-text', '-nameopt', 'RFC2253'];
  const { stdout, stderr } = spawnSync('openssl', args, { input: request, encoding: 'utf8' });
  return stdout + stderr;
}

describe('a request for a certificate', () => {
  it('is not verified once somebody has changed a name in it [RFC2986-4.2]', () => {
    const request = certificationRequest(party({ commonName: 'careless' }), privateKey);
    const changed = Buffer.from(request.toString('latin1').replace('careless', 'careful!'), 'latin1');
    expect(openssl(changed)).toMatch(/verify failure/i);
  });

  it('is verified by OpenSSL, and asks for these names [RFC2986-4.1] [RFC2985-5.4.2]', () => {
    const names = party({ commonName: 'careless', dnsNames: ['careless-client.lab.localhost'] });
    const told = openssl(certificationRequest(names, privateKey));
    expect(told).toMatch(/verify OK/i);
    expect(told).toContain('Subject: CN=careless');
    expect(told).toContain('DNS:careless-client.lab.localhost');
  });
});
