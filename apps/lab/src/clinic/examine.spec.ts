import { PATIENTS } from '@holdfast/mtls/clinic';
import { describe, expect, it } from 'vitest';
import type { Told } from './examine.ts';
import { problemOf } from './examine.ts';

const patientNamed = (id: string) => {
  const patient = PATIENTS.find((each) => each.id === id);
  if (patient === undefined) throw new Error(`there is no patient ${id}`);
  return patient;
};
const refused: Told = {
  foundAt: 'listener',
  code: 'certificate_expired',
  taken: false,
  writtenDown: true,
  answer: '401 invalid_client',
};
const taken: Told = { foundAt: 'listener', code: undefined, taken: true, writtenDown: false, answer: '200' };
const cutOff: Told = { ...refused, foundAt: 'handshake', code: undefined, writtenDown: false, answer: 'ended' };
const expired = (authorizationServer: Told, bank: Told, onPaper = true) =>
  problemOf({
    patient: patientNamed('expired'),
    authorizationServer,
    bank,
    onPaper: onPaper ? [{ code: 'certificate_expired', fatal: true }] : [],
  });
const well = (authorizationServer: Told, bank: Told) =>
  problemOf({ patient: patientNamed('well-p-256'), authorizationServer, bank, onPaper: [] });

describe('an examination', () => {
  it.each<[string, string | undefined, RegExp]>([
    ['a bad certificate was taken', expired(taken, refused), /authorization server: expected certificate_expired/],
    [
      'one door gave another code',
      expired(refused, { ...refused, code: 'certificate_untrusted' }),
      /^bank: .*untrusted/,
    ],
    ['there was an answer without a code', expired(refused, { ...refused, code: undefined }), /^bank: .*401/],
    ['the audit trail does not have it', expired({ ...refused, writtenDown: false }, refused), /no audit event/],
    ['the handshake ended before anybody could say why', expired(cutOff, cutOff), /expected an end at the listener/],
    ['nobody could see how it ended', expired({ ...cutOff, foundAt: undefined }, refused), /expected an end/],
    ['the files do not show it', expired(refused, refused, false), /on paper: expected certificate_expired/],
    ['a good certificate was refused', well(taken, refused), /^bank: should have been taken/],
  ])('finds fault when %s', (_, problem, words) => {
    expect(problem).toMatch(words);
  });

  it('is content when both doors and the audit trail give the code, and when a good certificate is taken', () => {
    expect(expired(refused, refused)).toBeUndefined();
    expect(well(taken, taken)).toBeUndefined();
  });
});
