import { describe, expect, it } from 'vitest';
import { bits, boolean, explicit, integer, octets, oid, raw, sequence, time, toDer } from './authority/asn1.ts';
import { issueCrl } from './authority/index.ts';
import type { Authority } from './authority/index.ts';
import { signatureAlgorithm, signWith } from './authority/key-pair.ts';
import { subjectOf } from './authority/name-encoding.ts';
import { MtlsConfigError } from './config-error.ts';
import { readRevocationLists } from './revocations.ts';
import type { RevocationLists } from './revocations.ts';
import { throwAwayPki } from './testing/index.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const DAY = 86_400_000;
const pki = throwAwayPki({ now: NOW });
const { intermediate, trust } = pki.participants;
const [first, second] = [pki.peer(pki.mint()), pki.peer(pki.mint())];
const TOMORROW = new Date(NOW.getTime() + DAY);

const list = (revoked: readonly string[], issuer: Authority = intermediate, nextUpdate = TOMORROW): string =>
  issueCrl({
    issuer,
    revoked: revoked.map((serialNumber) => ({ serialNumber, at: NOW })),
    number: 1,
    thisUpdate: NOW,
    nextUpdate,
  });
const read = (text: string): RevocationLists => readRevocationLists(text, 'participants.crl', trust);
const pem = (der: Buffer): string => `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;

/** A list with extensions of its own, signed by the real authority. */
function oddList(extensions: Parameters<typeof sequence>, entryExtensions: Parameters<typeof sequence> = []): string {
  const serial = integer(Buffer.from(first.serialNumber, 'hex'));
  const entry = sequence(serial, time(NOW), entryExtensions.length === 0 ? undefined : sequence(...entryExtensions));
  const body = sequence(
    integer(1),
    signatureAlgorithm(intermediate.key),
    subjectOf(intermediate.certificate.raw),
    time(NOW),
    time(TOMORROW),
    sequence(entry),
    explicit(0, sequence(...extensions)),
  );
  const signature = signWith(intermediate.key, toDer(body));
  return pem(toDer(sequence(raw(toDer(body)), signatureAlgorithm(intermediate.key), bits(signature))));
}

const extension = (id: string, critical: boolean, value: Buffer) =>
  sequence(oid(id), critical ? boolean(true) : undefined, octets(value));
const NUMBER = extension('2.5.29.20', false, toDer(integer(1)));

describe('a revocation list is not taken', () => {
  it.each<[string, () => string]>([
    ['empty', () => ''],
    ['no list', () => trust.pem],
    ['cut short', () => list([]).replace(/\n[^\n]+\n-----END/, '\n-----END')],
    ['signed by an authority of the same name', () => list([], pki.rogue().intermediate)],
    ['of another domain', () => list([], pki.web.intermediate)],
    ['signed by somebody it would be about', () => list([], pki.asIssuer(pki.mint()))],
    ['that of the root alone, which issued no leaf', () => list([], pki.participants.root)],
    ['beside a second one of the same authority', () => list([]) + list([first.serialNumber])],
    ['without a number', () => oddList([])],
    [
      'limited to some certificates by a critical extension',
      () => oddList([NUMBER, extension('2.5.29.28', true, toDer(sequence()))]),
    ],
    [
      'about certificates of another authority, entry by entry',
      () => oddList([NUMBER], [extension('2.5.29.29', true, toDer(sequence()))]),
    ],
    [
      'changed after it was signed',
      () => {
        const der = Buffer.from(list([first.serialNumber]).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
        der.writeUInt8(der.readUInt8(60) ^ 1, 60);
        return pem(der);
      },
    ],
  ])('when it is %s [RFC5280-5]', (_, text) => {
    expect(() => read(text())).toThrow(MtlsConfigError);
  });

  it('which is not for its form: the same one with known extensions is [RFC5280-5.3.1]', () => {
    const reason = extension('2.5.29.21', false, Buffer.of(0x0a, 0x01, 0x01));
    expect(read(oddList([NUMBER], [reason])).statusOf(first, NOW)).toBe('revoked');
  });
});

describe('a certificate', () => {
  it('is revoked when its authority lists it, and no other is [RFC5280-5.3]', () => {
    const lists = read(list([first.serialNumber]));
    expect([lists.statusOf(first, NOW), lists.statusOf(second, NOW)]).toEqual(['revoked', 'good']);
  });

  it('has an unknown status once the list is past its time [RFC5280-5.1.2.5]', () => {
    const lists = read(list([first.serialNumber]));
    expect(lists.statusOf(second, new Date(TOMORROW.getTime() - 1))).toBe('good');
    expect([lists.statusOf(first, TOMORROW), lists.statusOf(second, TOMORROW)]).toEqual(['revoked', 'unknown']);
  });

  it('of another authority is unknown, and not revoked by a serial number it happens to share', () => {
    const { serialNumber } = first;
    const alike = { ...pki.peer(pki.mint({ issuer: pki.services.intermediate })), serialNumber };
    expect(read(list([serialNumber])).statusOf(alike, NOW)).toBe('unknown');
  });

  it('of its owner’s making cannot be taken back by anybody [RFC8705-2.2]', () => {
    expect(read(list([])).statusOf(pki.peer(pki.selfSigned()), NOW)).toBe('good');
  });

  it('is listed under serial numbers of any length and either kind of time', () => {
    const lists = read(list(['00FF', first.serialNumber], intermediate, new Date('2060-01-01T00:00:00Z')));
    const late = new Date('2055-01-01T00:00:00Z');
    expect([lists.statusOf(first, late), lists.statusOf(second, late)]).toEqual(['revoked', 'good']);
  });
});
