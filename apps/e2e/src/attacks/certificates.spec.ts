import { createIntermediate } from '@holdfast/mtls/authority';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { asAuthority, HomeAuthority, inForce, opensslIssue } from '../wire/home-authority.ts';
import { Http } from '../wire/http.ts';
import type { Holder, PemIdentity } from '../wire/http.ts';
import { Participants } from '../wire/participants.ts';
import { RawClient } from '../wire/raw-client.ts';
import { RPC, rpcCall } from '../wire/rpc-call.ts';
import { Trail } from '../wire/trail.ts';
import { expectRefused, invalidClient, invalidToken } from './expect-refused.ts';

// P04, P06, P18 and P25 of docs/attacks.md: certificates with the victim's names that are wrong in one respect, at every door.
const world = inject('world');
const { home, urls } = world;
const trail = new Trail(home);
const participants = new Participants(home);
const client = new RawClient('security-tls-2', world);
afterAll(() => client.close());

let token: string;
beforeAll(async () => {
  token = (await client.tokens())['access_token'] ?? '';
});

const HOUR = 3_600_000;
const DNS = `${client.id}.client.localhost`;
/** All that the client is recognised by. */
const names = { subject: `CN=${client.id},O=Holdfast test clients`, dnsNames: [DNS] };
const sent = { subject: `/O=Holdfast test clients/CN=${client.id}`, extensions: [`subjectAltName=DNS:${DNS}`] };
const forClients = ['keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth'];

/** The client's names and even its token are of no use with this certificate, at either server. */
async function expectNobody(identity: PemIdentity | Holder, reason: string): Promise<void> {
  const http = new Http(home, identity);
  try {
    await expectRefused(await client.push({}, { http }), invalidClient(reason), trail);
    await expectRefused(await client.show(token, 'Bearer', { http }), invalidToken(reason), trail);
  } finally {
    await http.close();
  }
}

/** The positive control: the rightful certificate, in the same run and with the same token. */
async function expectServed(): Promise<void> {
  expect((await client.push()).answer.status).toBe(201);
  expect((await client.accounts(token)).answer.status).toBe(200);
}

describe('P04, a certificate before its time', () => {
  it('is nobody’s yet [RFC5280-6.1.3] [RFC8705-7.5]', async () => {
    const tomorrow = { notBefore: new Date(Date.now() + HOUR), notAfter: new Date(Date.now() + 24 * HOUR) };
    await expectNobody(participants.issue({ ...names, ...tomorrow }), 'certificate_not_yet_valid');
    await expectServed();
  });
});

describe('P06, an authority that is none', () => {
  it.each<[string, () => PemIdentity, string]>([
    [
      'another participant, who signs with the key of a leaf [RFC5280-6.1.4]',
      () => participants.issue({ ...names, issuer: asAuthority(participants.issue({ subject: 'CN=second' })) }),
      'issued_by_leaf',
    ],
    [
      'a client whose own certificate says that it is one [RFC5280-4.2.1.9]',
      () =>
        opensslIssue({
          ...sent,
          issuer: participants.intermediate,
          extensions: [...sent.extensions, ...forClients, 'basicConstraints=critical,CA:TRUE'],
        }),
      'certificate_is_ca',
    ],
    [
      'one below an authority that may have none below it [RFC5280-4.2.1.9]',
      () => participants.issue({ ...names, issuer: below('CN=too-deep') }),
      'certificate_untrusted',
    ],
    [
      'one that may only sign names of another domain [RFC5280-4.2.1.10]',
      () => opensslIssue({ ...sent, issuer: constrained(), extensions: [...sent.extensions, ...forClients] }),
      'certificate_untrusted',
    ],
    [
      'one that may only sign for servers [RFC5280-4.2.1.12]',
      () => participants.issue({ ...names, issuer: forServers() }),
      'certificate_wrong_purpose',
    ],
  ])('%s, vouches for nobody', async (_title, make, reason) => {
    await expectNobody(make(), reason);
    await expectServed();
  });

  it('leaves a certificate of the authority itself in order, made by the same hand', async () => {
    const extensions = [...sent.extensions, ...forClients, 'basicConstraints=critical,CA:FALSE'];
    const http = new Http(home, opensslIssue({ ...sent, issuer: participants.intermediate, extensions }));
    expect((await client.push({}, { http })).answer.status).toBe(201);
    await http.close();
  });

  const authority = (subject: string) => ({ subject, purpose: 'client', random: randomBytes, ...inForce() }) as const;
  const below = (subject: string) => createIntermediate({ ...authority(subject), issuer: participants.intermediate });
  const forServers = () =>
    createIntermediate({ ...authority('CN=for-servers'), purpose: 'server', issuer: participants.root });
  const constrained = () =>
    asAuthority(
      opensslIssue({
        issuer: participants.root,
        subject: '/CN=constrained',
        extensions: [
          'basicConstraints=critical,CA:TRUE,pathlen:0',
          'keyUsage=critical,keyCertSign,cRLSign',
          'nameConstraints=critical,permitted;DNS:elsewhere.localhost',
        ],
      }),
    );
});

describe('P18, a certificate that is too weak', () => {
  const careless = { ciphers: 'TLS_AES_128_GCM_SHA256:ALL:@SECLEVEL=0' };

  it('over a key of 1024 bits is nobody’s [FAPI2-SP-FINAL-5.4.1]', async () => {
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    await expectNobody({ ...participants.issue({ ...names, key }), ...careless }, 'certificate_weak_key');
    await expectServed();
  });

  it('signed over SHA-1 is nobody’s [RFC9325-4.1]', async () => {
    const extensions = [...sent.extensions, ...forClients, 'basicConstraints=critical,CA:FALSE'];
    const order = { ...sent, issuer: participants.intermediate, extensions, digest: 'sha1' } as const;
    await expectNobody({ ...opensslIssue(order), ...careless }, 'certificate_untrusted');
    await expectServed();
  });
});

describe('P25, a certificate of one door', () => {
  const services = new HomeAuthority(home, 'services');
  const web = new HomeAuthority(home, 'web');

  it.each<[string, () => PemIdentity | Holder, string]>([
    ['a service’s own', () => 'bank/service', 'issued_for_another_door'],
    ['a service’s authority, in the name of the client', () => services.issue(names), 'issued_for_another_door'],
    ['a web server’s own', () => 'authorization-server/mtls', 'certificate_wrong_purpose'],
    ['the web’s authority, in the name of the client', () => web.issue(names), 'certificate_wrong_purpose'],
  ])('is nobody’s at the participants’ door: %s [RFC8705-7.4]', async (_title, make, reason) => {
    await expectNobody(make(), reason);
    await expectServed();
  });

  const bank = 'holdfast.bank.v1.AccountDirectory/ListShareableAccounts';
  const status = 'holdfast.authorization.v1.TokenStatus/Introspect';
  const trust = 'holdfast.authority.v1.TrustFeed/Acknowledge';
  const uris = ['spiffe://holdfast.test/authorization-server'];
  const UNTRUSTED = 'certificate_untrusted';
  it.each<[string, () => PemIdentity | Holder, string]>([
    ['a participant’s own', () => 'developer/client', UNTRUSTED],
    ['the fintech’s own', () => 'fintech/transport', UNTRUSTED],
    [
      'the participants’ authority, in the name of a service',
      () => participants.issue({ subject: 'CN=x', uris }),
      UNTRUSTED,
    ],
    [
      'the web’s authority, in the name of a service',
      () => web.issue({ subject: 'CN=x', uris, purpose: 'both' }),
      'certificate_wrong_purpose',
    ],
    ['a web server’s own', () => 'bank/api', 'certificate_wrong_purpose'],
  ])('gets no connection at the services’ door: %s [RFC8705-7.4]', async (_title, make, reason) => {
    const holder = make();
    for (const [app, target, method] of [
      ['bank', urls.bankRpc, bank],
      ['authorization-server', urls.authorizationServerRpc, status],
      ['certificate-authority', urls.certificateAuthorityRpc, trust],
    ] as const) {
      const before = trail.refusedConnections(app).length;
      expect(await rpcCall(home, { target, method, holder })).toMatchObject({ code: RPC.UNAVAILABLE });
      await expect
        .poll(() => trail.refusedConnections(app).slice(before))
        .toEqual([expect.objectContaining({ reason }) as object]);
    }
    const honest = { target: urls.bankRpc, method: bank, holder: 'authorization-server/service' } as const;
    expect((await rpcCall(home, honest)).code).toBe(RPC.INVALID_ARGUMENT);
  });
});
