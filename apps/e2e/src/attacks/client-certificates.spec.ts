import { createPrivateKey } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Http } from '../wire/http.ts';
import type { PemIdentity } from '../wire/http.ts';
import { cn, o, ou, Participants, printable, selfSigned } from '../wire/participants.ts';
import type { Name } from '../wire/participants.ts';
import { RawClient } from '../wire/raw-client.ts';
import type { Exchange } from '../wire/raw-client.ts';
import { Trail } from '../wire/trail.ts';
import { expectRefused, invalidClient } from './expect-refused.ts';

// C05, C06, C07 and C09 of docs/attacks.md: certificates of the authority that the platform trusts, each naming somebody a little.
const world = inject('world');
const trail = new Trail(world.home);
const participants = new Participants(world.home);
const byName = new RawClient('security-tls-1', world);
const byDns = new RawClient('security-tls-2', world);
const byBytes = new RawClient('security-self-signed-2', world);
afterAll(() => Promise.all([byName, byDns, byBytes].map((each) => each.close())));

const ORGANIZATION = 'Holdfast test clients';
const subjectOf = (client: RawClient): Name => [[o(ORGANIZATION)], [cn(client.id)]];
const dnsOf = (client: RawClient): string => `${client.id}.client.localhost`;

/** A push as this client, on a connection with this certificate. */
async function pushWith(identity: PemIdentity, client: RawClient): Promise<Exchange> {
  const http = new Http(world.home, identity);
  try {
    return await client.push({}, { http });
  } finally {
    await http.close();
  }
}

async function expectServed(client: RawClient): Promise<void> {
  expect((await client.push()).answer.status).toBe(201);
}

describe('C05, the right name from another authority under the root that is trusted', () => {
  it('is not the client [RFC8705-7.4]', async () => {
    const identity = participants.issueBySibling({ subject: subjectOf(byDns), dnsNames: [dnsOf(byDns)] });
    await expectRefused(await pushWith(identity, byDns), invalidClient('certificate_untrusted'), trail);
    await expectServed(byDns);
  });
});

describe('C06, the subject', () => {
  const name = byName.id;
  const mismatch = 'certificate_subject_mismatch';

  it.each<[string, Name, string]>([
    ['the other way round', [[cn(name)], [o(ORGANIZATION)]], mismatch],
    ['both parts in one', [[cn(name), o(ORGANIZATION)]], mismatch],
    ['the common name alone', [[cn(name)]], mismatch],
    ['one part more', [[o(ORGANIZATION)], [ou('x')], [cn(name)]], mismatch],
    ['two common names', [[o(ORGANIZATION)], [cn('mallory')], [cn(name)]], 'subject_ambiguous'],
    ['two common names in one part', [[o(ORGANIZATION)], [cn('mallory'), cn(name)]], 'subject_ambiguous'],
    ['the name after a line break', [[o(`${ORGANIZATION}\nCN=${name}`)], [cn('mallory')]], mismatch],
    ['the name in an escaped organization', [[o(`${ORGANIZATION},CN=${name}`)]], mismatch],
    ['the name as a beginning', [[o(ORGANIZATION)], [cn(`${name}0`)]], mismatch],
    ['the name as an end', [[o(ORGANIZATION)], [cn(`x${name}`)]], mismatch],
    ['the name before a NUL', [[o(ORGANIZATION)], [cn(`${name}\0.mallory`)]], mismatch],
    ['a letter of another alphabet', [[o(ORGANIZATION)], [cn(name.replace('e', '\u0435'))]], mismatch],
    ['a full-width letter', [[o(ORGANIZATION)], [cn(name.replace('s', '\uff53'))]], mismatch],
  ])('%s is somebody else [RFC8705-2.1.2] [RFC4514-2]', async (_title, subject, reason) => {
    await expectRefused(await pushWith(participants.issue({ subject }), byName), invalidClient(reason), trail);
  });

  it.each<[string, Name]>([
    ['to the letter', subjectOf(byName)],
    ['in another case and with more spaces', [[o('HOLDFAST  test clients ')], [cn(name.toUpperCase())]]],
    ['in another string type', [[printable(o(ORGANIZATION))], [printable(cn(name))]]],
  ])('%s is the client [RFC4517-4.2.11]', async (_title, subject) => {
    expect((await pushWith(participants.issue({ subject }), byName)).answer.status).toBe(201);
  });
});

describe('C07, the alternative name', () => {
  const name = dnsOf(byDns);
  const subject = subjectOf(byDns);

  it.each([
    ['as a URI', { uris: [name] }],
    ['as a mail address', { emails: [name] }],
    ['as the common name', { subject: `CN=${name}` }],
    ['with a dot behind it', { dnsNames: [`${name}.`] }],
    ['in an entry that pretends to be two', { dnsNames: [`mallory.localhost, DNS:${name}`] }],
    ['behind another label', { dnsNames: [`mallory.${name}`] }],
    ['before another domain', { dnsNames: [`${name}.mallory.test`] }],
    ['missing, the subject being right', {}],
  ])('%s is somebody else [RFC8705-2.1.2]', async (_title, names) => {
    const exchange = await pushWith(participants.issue({ subject, ...names }), byDns);
    await expectRefused(exchange, invalidClient('certificate_subject_mismatch'), trail);
  });

  it('a wildcard is nobody [RFC8705-2.1.2]', async () => {
    const exchange = await pushWith(participants.issue({ subject, dnsNames: ['*.client.localhost'] }), byDns);
    await expectRefused(exchange, invalidClient('name_wildcard'), trail);
  });

  it.each([
    ['to the letter', { dnsNames: [name] }],
    ['in capitals', { dnsNames: [name.toUpperCase()] }],
    ['as one of several', { dnsNames: ['other.localhost', name] }],
  ])('%s is the client [RFC8705-2.1.2]', async (_title, names) => {
    expect((await pushWith(participants.issue({ subject, ...names }), byDns)).answer.status).toBe(201);
  });
});

describe('C09, of one’s own making', () => {
  const names = { subject: subjectOf(byBytes), dnsNames: [dnsOf(byBytes)] };
  const registered = createPrivateKey(byBytes.file.key ?? '');

  it.each<[string, () => PemIdentity]>([
    ['with the names of the client', () => selfSigned(names)],
    ['over the key of the client, made again', () => selfSigned({ ...names, key: registered })],
    ['over the key of the client, by the trusted authority', () => participants.issue({ ...names, key: registered })],
    ['registered by another client', () => identityOf(new RawClient('security-self-signed-1', world))],
  ])('a certificate %s is not the registered one [RFC8705-2.2]', async (_title, make) => {
    await expectRefused(await pushWith(make(), byBytes), invalidClient('certificate_unregistered'), trail);
  });

  it('is nobody to a client that registered a name [RFC8705-2.1]', async () => {
    const identity = selfSigned({ subject: subjectOf(byDns), dnsNames: [dnsOf(byDns)] });
    await expectRefused(await pushWith(identity, byDns), invalidClient('certificate_untrusted'), trail);
  });

  it('is the client when it is the very one that was registered [RFC8705-2.2]', () => expectServed(byBytes));
});

const identityOf = ({ file }: RawClient): PemIdentity => ({ cert: file.certificate ?? '', key: file.key ?? '' });
