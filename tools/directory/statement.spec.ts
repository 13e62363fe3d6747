import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { DIRECTORY_ISSUER, ensureDirectory } from './ensure-directory.ts';
import { signStatement } from './statement.ts';
import { makeFolder, CLOSED } from '@holdfast/pki';

const home = mkdtempSync(join(tmpdir(), 'holdfast-directory-'));
makeFolder(join(home, 'pki'), CLOSED);
afterAll(() => rmSync(home, { recursive: true }));
const now = new Date();
const SOFTWARE = {
  software_id: 'newcomer-app',
  profile: 'fapi2-security',
  client_name: 'Newcomer',
  tls_client_auth_san_dns: 'client.newcomer.localhost',
  software_redirect_uris: ['https://client.newcomer.localhost/callback'],
};

describe('the directory', () => {
  it('signs nothing before it has a key', async () => {
    await expect(signStatement(home, SOFTWARE, now)).rejects.toThrow(MtlsConfigError);
  });

  it('makes one key, keeps the private half to itself and publishes the other', () => {
    const made: string[] = [];
    ensureDirectory({ home, report: (what) => made.push(what) });
    const published = readFileSync(join(home, 'pki/trust/directory.json'), 'utf8');
    expect(published).not.toContain('"d"');
    expect(statSync(join(home, 'pki/directory/signing-key.json')).mode & 0o777).toBe(0o600);
    ensureDirectory({ home, report: (what) => made.push(what) });
    expect(readFileSync(join(home, 'pki/trust/directory.json'), 'utf8')).toBe(published);
    expect(made).toHaveLength(1);
  });

  it.each([
    ['nobody', { tls_client_auth_san_dns: undefined }],
    ['two certificates', { tls_client_auth_subject_dn: 'CN=newcomer' }],
    ['an unknown profile', { profile: 'fapi3' }],
    ['a redirect URI in plain text', { software_redirect_uris: ['http://client.newcomer.localhost/'] }],
    ['another issuer', { iss: 'https://other.test' }],
    ['an end of its own', { exp: 9_999_999_999 }],
  ])('vouches for no software of %s', async (_what, changes) => {
    const claims = JSON.parse(JSON.stringify({ ...SOFTWARE, ...changes })) as unknown;
    await expect(signStatement(home, claims, now)).rejects.toThrow();
  });

  it('signs what it was told, for ten minutes, and never the same twice [RFC7591-2.3]', async () => {
    const jwks = JSON.parse(readFileSync(join(home, 'pki/trust/directory.json'), 'utf8')) as JSONWebKeySet;
    const read = async () =>
      jwtVerify(await signStatement(home, SOFTWARE, now), createLocalJWKSet(jwks), {
        issuer: DIRECTORY_ISSUER,
        typ: 'software-statement+jwt',
        algorithms: ['ES256'],
      });
    const { payload } = await read();
    expect(payload).toMatchObject(SOFTWARE);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    expect((await read()).payload.jti).not.toBe(payload.jti);
  });

  it('says what to do when its key is torn', () => {
    writeFileSync(join(home, 'pki/directory/signing-key.json'), '{');
    expect(() => ensureDirectory({ home })).toThrow(/cannot be read/);
  });
});
