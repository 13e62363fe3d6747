import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformTrouble } from '../platform/trouble.ts';
import { findClientFile, loadClient, loadClientFile } from './load-client.ts';
import { checkFits, flowNames } from './flows/flow-names.ts';
import { World } from './testing/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-client-'));
let world: World;
let honest: Record<string, unknown>;
beforeAll(async () => {
  world = await World.open();
  honest = await world.begin();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

const changed = (change: Record<string, unknown>): Record<string, unknown> =>
  JSON.parse(JSON.stringify({ ...honest, ...change })) as Record<string, unknown>;
const trouble = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformTrouble);
    expect((error as PlatformTrouble).remedy).not.toBe('');
    expect((error as PlatformTrouble).message).not.toContain('\n');
    return (error as PlatformTrouble).message;
  }
  throw new Error('nothing was refused');
};
const faultOf = (change: Record<string, unknown>): string => trouble(() => loadClient(changed(change), folder));

describe('a client file', () => {
  const faults: readonly [string, () => Record<string, unknown>, string][] = [
    ['an issuer without TLS [RFC8414-2]', () => ({ issuer: 'http://auth.localhost' }), 'issuer is not an https URL'],
    [
      'an issuer with a query [RFC8414-2]',
      () => ({ issuer: 'https://auth.localhost/?a' }),
      'issuer has a query or a fragment',
    ],
    [
      'an issuer with a fragment [RFC8414-2]',
      () => ({ issuer: 'https://auth.localhost#a' }),
      'issuer has a query or a fragment',
    ],
    ['no issuer', () => ({ issuer: undefined }), 'issuer'],
    ['a resource without TLS', () => ({ resource: 'http://bank.localhost/' }), 'resource is not an https URL'],
    ['a field nobody knows', () => ({ client_secret: 'x' }), 'client_secret is no field of a client file'],
    [
      'a field nobody knows, further in',
      () => ({ login: { name: 'a', password: 'b', otp: 'c' } }),
      'login.otp is no field',
    ],
    ['another profile', () => ({ profile: 'oauth2' }), 'profile'],
    ['RS256 [FAPI2-SP-FINAL-5.4.1]', () => ({ id_token_signed_response_alg: 'RS256' }), 'id_token_signed_response_alg'],
    ['none [FAPI2-SP-FINAL-5.4.1]', () => ({ request_object_signing_alg: 'none' }), 'request_object_signing_alg'],
    ['a certificate without its key', () => ({ key: undefined }), 'key and certificate go together'],
    [
      'no certificate where one is the credential [RFC8705-2]',
      () => ({ certificate: undefined, key: undefined }),
      'certificate is missing: client authentication or sender constraint is by certificate',
    ],
    [
      'a public key',
      () => ({ jwks: { keys: [{ ...firstKey(), d: undefined }] } }),
      'jwks.keys.0.d is missing: the key is not private',
    ],
    ['a key without kid', () => ({ jwks: { keys: [{ ...firstKey(), kid: undefined }] } }), 'jwks.keys.0.kid'],
    [
      'a secret key',
      () => ({ jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'a', alg: 'HS256', d: 'x' }] } }),
      'jwks.keys.0.kty',
    ],
    [
      'no keys where requests are signed [FAPI2-MS-FINAL-5.3.2]',
      () => ({ profile: 'fapi2-message-signing', jwks: undefined }),
      'jwks is missing: this client signs assertions or requests',
    ],
    [
      'no algorithm for ID tokens [OIDC-CORE-3.1.3.7]',
      () => ({ id_token_signed_response_alg: undefined }),
      'id_token_signed_response_alg is missing',
    ],
    [
      'no algorithm for signed answers [JARM-3]',
      () => ({ scope: 'accounts', id_token_signed_response_alg: undefined, response_mode: 'jwt' }),
      'authorization_signed_response_alg is missing',
    ],
    [
      'a key as sender constraint of FAPI 1.0 [FAPI1-ADV-5.2.2-5]',
      () => ({ profile: 'fapi1-advanced', sender_constraint: 'dpop' }),
      'sender_constraint is mtls',
    ],
    ['nothing to ask for', () => ({ scope: undefined, authorization_details: undefined }), 'scope is missing'],
    [
      'two hints [CIBA-CORE-7.1]',
      () => ({ ciba: { login_hint: 'a', id_token_hint: 'b' } }),
      'ciba needs exactly one of login_hint',
    ],
    ['no hint [CIBA-CORE-7.1]', () => ({ ciba: {} }), 'ciba needs exactly one of login_hint'],
    [
      'trust that is no PEM',
      () => ({ trust: '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----' }),
      'not PEM that can be read',
    ],
    ['trust that is not there', () => ({ trust: 'nowhere.pem' }), 'nowhere.pem cannot be read (ENOENT)'],
    [
      'the key of another certificate',
      () => ({ key: world.pki.leaf('lab/second-client').keyPem }),
      'key is not the key of certificate',
    ],
    [
      'an expired certificate',
      () => ({ certificate: world.pki.leaf('lab/expired').certificatePem, key: world.pki.leaf('lab/expired').keyPem }),
      'the certificate expired at',
    ],
  ];
  const firstKey = () => (honest['jwks'] as { keys: object[] }).keys[0];

  it.each(faults)('is refused with %s', (_title, change, message) => {
    expect(faultOf(change())).toContain(message);
  });

  it('is refused as a file that every user can read, for it holds keys', () => {
    const file = join(folder, 'open.json');
    writeFileSync(file, JSON.stringify(honest));
    chmodSync(file, 0o644);
    expect(trouble(() => loadClientFile(file))).toContain('can be read by every user of this machine');
  });

  it('is refused as a file with an open key beside it', () => {
    writeFileSync(join(folder, 'client.key'), honest['key'] as string);
    chmodSync(join(folder, 'client.key'), 0o644);
    expect(faultOf({ key: 'client.key' })).toContain('client.key can be read by every user');
  });

  it('is refused as something else than JSON', () => {
    writeFileSync(join(folder, 'words.json'), 'issuer: https://auth.localhost', { mode: 0o600 });
    expect(trouble(() => loadClientFile(join(folder, 'words.json')))).toContain('is not JSON');
  });

  it('is found by its path, else by its name in the home, else not', () => {
    const home = join(folder, 'home');
    mkdirSync(join(home, 'test-clients'), { recursive: true });
    writeFileSync(join(home, 'test-clients/harbour.json'), JSON.stringify(honest), { mode: 0o600 });
    writeFileSync(join(folder, 'here.json'), JSON.stringify(honest), { mode: 0o600 });
    expect(findClientFile('harbour', home, folder)).toBe(join(home, 'test-clients/harbour.json'));
    expect(findClientFile('here.json', home, folder)).toBe(join(folder, 'here.json'));
    expect(trouble(() => findClientFile('nobody', home, folder))).toContain('there is no client nobody');
  });

  it('is taken with PEM texts, and with paths seen from its own folder', () => {
    for (const [name, field] of [
      ['client.crt', 'certificate'],
      ['own.key', 'key'],
      ['web.pem', 'trust'],
    ] as const)
      writeFileSync(join(folder, name), honest[field] as string, { mode: 0o600 });
    const paths = { certificate: 'client.crt', key: './own.key', trust: 'web.pem' };
    writeFileSync(join(folder, 'paths.json'), JSON.stringify(changed(paths)), { mode: 0o600 });
    expect(loadClientFile(join(folder, 'paths.json')).identity).toEqual(loadClient(honest, folder).identity);
  });

  it('is taken with the public authorities only when it says so', () => {
    expect(loadClient(changed({ trust: 'public' }), folder).trust).toBeUndefined();
    expect(faultOf({ trust: undefined })).toContain('trust');
  });
});

describe('a flow', () => {
  it('is not begun with a file that does not say enough', () => {
    const needs = (flow: (typeof flowNames)[number], change: Record<string, unknown>): string =>
      trouble(() => checkFits(loadClient(changed(change), folder), flow));
    expect(needs('code', { redirect_uri: undefined })).toContain('redirect_uri');
    expect(needs('code', { profile: 'fapi1-advanced' })).toContain('response_mode with jwt');
    expect(needs('hybrid', { scope: 'accounts' })).toContain('openid');
    expect(needs('hybrid', { jwks: undefined })).toContain('jwks');
    expect(needs('ciba-poll', { ciba: undefined })).toContain('ciba');
    expect(needs('ciba-ping', {})).toContain('notification');
    for (const flow of flowNames.filter((name) => name !== 'ciba-ping'))
      expect(() => checkFits(loadClient(honest, folder), flow)).not.toThrow();
  });
});
