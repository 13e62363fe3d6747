import { parsePeerCertificate } from '@holdfast/mtls';
import { readCertificationRequest } from '@holdfast/mtls/authority';
import type { CertificationRequest } from '@holdfast/mtls/authority';
import { createCertificationRequest, generateKey } from '@holdfast/mtls/enrolment';
import type { AlternativeNameRequest, KeyKind } from '@holdfast/mtls/enrolment';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { describe, expect, it } from 'vitest';
import { lifeOf, readPkiList } from './pki-list.ts';
import type { AuthorityName } from './pki-list.ts';
import { decideEnrolment, participantOf, PolicyRefused } from './policy.ts';

const list = readPkiList();
const pki = throwAwayPki();
const BANK_SERVICE = 'CN=bank,O=Holdfast services';
const BANK_NAMES = { dnsNames: ['rpc.bank.localhost'], uris: ['spiffe://holdfast.test/bank'] };

function request(subject: string, names: AlternativeNameRequest, kind: KeyKind = 'P-256'): CertificationRequest {
  return readCertificationRequest(createCertificationRequest({ key: generateKey(kind), subject, names }));
}

function reasonFor(holder: string, purpose: AuthorityName, asked: CertificationRequest): string {
  try {
    return decideEnrolment(list, { holder, purpose, request: asked }).name;
  } catch (error) {
    if (error instanceof PolicyRefused) return error.reason;
    throw error;
  }
}

describe('the list refuses', () => {
  it.each<[string, string, AuthorityName, CertificationRequest]>([
    ['holder_unknown', 'mallory', 'services', request(BANK_SERVICE, BANK_NAMES)],
    ['name_of_another_holder', 'lab', 'services', request(BANK_SERVICE, BANK_NAMES)],
    ['name_not_listed', 'bank', 'services', request('CN=admin', BANK_NAMES)],
    ['name_not_listed', 'bank', 'services', request(BANK_SERVICE, {})],
    ['name_not_listed', 'bank', 'services', request(BANK_SERVICE, { ...BANK_NAMES, ips: ['127.0.0.1'] })],
    ['name_not_listed', 'bank', 'services', request(BANK_SERVICE, { ...BANK_NAMES, emails: ['a@b.test'] })],
    [
      'name_not_listed',
      'bank',
      'services',
      request(BANK_SERVICE, { ...BANK_NAMES, dnsNames: ['rpc.bank.localhost', 'rpc.auth.localhost'] }),
    ],
    ['purpose', 'bank', 'web', request(BANK_SERVICE, BANK_NAMES)],
    ['purpose', 'fintech', 'services', request('CN=tidepool,O=Tidepool', { dnsNames: ['client.fintech.localhost'] })],
    [
      'not_by_enrolment',
      'lab',
      'participants',
      request('CN=lab-second-client', { dnsNames: ['second-client.lab.localhost'] }),
    ],
    ['key_type', 'bank', 'services', request(BANK_SERVICE, BANK_NAMES, 'RSA-2048')],
  ])('with %s what %s asks for under %s', (reason, holder, purpose, asked) => {
    expect(reasonFor(holder, purpose, asked)).toBe(reason);
  });

  it('nobody else than the holder, whoever asks for whatever is listed', () => {
    const enrolled = Object.entries(list.leaves).filter(([, { enrols }]) => enrols);
    const holders = [...new Set(enrolled.map(([name]) => name.split('/')[0] ?? ''))];
    for (const [name, { subject, dns = [], uri = [], authority }] of enrolled) {
      const asked = request(subject, { dnsNames: dns, uris: uri });
      const winners = holders.filter((holder) => reasonFor(holder, authority, asked) === name);
      expect(winners, name).toEqual([name.split('/')[0]]);
    }
  });
});

describe('the list', () => {
  it('knows a participant by all the names of its certificate, and a service or a stranger by none', () => {
    const holderOf = (leaf: Parameters<typeof pki.peer>[0]) => participantOf(list, pki.peer(leaf));
    expect(holderOf('fintech/transport')).toBe('fintech');
    expect(holderOf('lab/first-client')).toBe('lab');
    expect(holderOf('bank/service')).toBeUndefined();
    const more = pki.mint({ subject: 'CN=tidepool,O=Tidepool', dnsNames: ['client.fintech.localhost', 'a.test'] });
    expect(participantOf(list, parsePeerCertificate(more.certificate.raw))).toBeUndefined();
  });

  it('gives a leaf its own life, or that of all, or days', () => {
    const short = { ...list, lifetimes: { ...list.lifetimes, ttl: '10m' } };
    expect(lifeOf({}, list)).toBe(7 * 86_400_000);
    expect(lifeOf({}, short)).toBe(600_000);
    expect(lifeOf({ ttl: '90s' }, short)).toBe(90_000);
  });
});
