import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadIdentity, loadTrust, sameDn, issuedBy } from '../index.ts';
import { LISTED_LEAVES, throwAwayPki } from './index.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('the throw-away PKI', () => {
  const pki = throwAwayPki();

  it('makes another one each time', () => {
    expect(issuedBy(pki.peer('bank/api'), throwAwayPki().web.intermediate.certificate)).toBe(false);
  });

  it('makes a lookalike with the same name and another key', () => {
    const [honest, lookalike] = [pki.peer('lab/first-client'), pki.peer('lab/lookalike')];
    expect(sameDn(honest.subject, lookalike.subject)).toBe(true);
    expect(lookalike.dnsNames).toEqual(honest.dnsNames);
    expect(lookalike.thumbprint).not.toBe(honest.thumbprint);
    expect(pki.leaf('lab/lookalike')).toBe(pki.leaf('lab/lookalike'));
  });

  it('writes what the applications load, and no key of an authority', () => {
    pki.write(home);
    for (const domain of ['web', 'participants', 'services']) loadTrust(join(home, `pki/trust/${domain}.pem`));
    const loadable = Object.keys(LISTED_LEAVES).filter((name) => name !== 'lab/expired');
    for (const name of loadable) {
      const files = { certificate: join(home, 'pki', `${name}.crt`), key: join(home, 'pki', `${name}.key`) };
      loadIdentity(files).close();
      expect(statSync(files.key).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(join(home, 'pki'))).not.toContain('authority');
  });
});
