import { describe, expect, it } from 'vitest';
import { ClientCertFieldError, readClientCert, readClientCertChain } from './client-cert-field.ts';
import { throwAwayPki } from './testing/index.ts';

const pki = throwAwayPki();
const der = pki.leaf('lab/first-client').certificate.raw;
const other = pki.participants.intermediate.certificate.raw;
const encoded = (bytes: Buffer): string => `:${bytes.toString('base64')}:`;
const field = encoded(der);

describe('Client-Cert [RFC9440-2.2]', () => {
  it.each([
    ['nothing', ''],
    ['an empty sequence', '::'],
    ['bare base64', der.toString('base64')],
    ['an end that is missing', field.slice(0, -1)],
    ['a parameter', `${field};verified`],
    ['a parameter with a value', `${field};v=1`],
    ['two values in a list, as Node joins a header that came twice', `${field}, ${field}`],
    ['two values without a space', `${field},${field}`],
    ['two values without a comma', `${field}${field}`],
    ['a string', `"${der.toString('base64')}"`],
    ['quotes inside', `:"${der.toString('base64')}":`],
    ['an inner list', `(${field})`],
    ['a space inside', field.replace(/^(.{20})/, '$1 ')],
    ['a line break inside', field.replace(/^(.{20})/, '$1\n ')],
    ['the alphabet of URLs', encoded(der).replaceAll('+', '-').replaceAll('/', '_').replace(/^:(.)/, ':-')],
    ['PEM', pki.leaf('lab/first-client').certificatePem],
    ['PEM for URLs', encodeURIComponent(pki.leaf('lab/first-client').certificatePem)],
    ['an element of XFCC', `Hash=${'0'.repeat(64)};Cert="${encodeURIComponent('x')}"`],
    ['a byte order mark', `\uFEFF${field}`],
  ])('is not %s', (_title, value) => {
    expect(() => readClientCert(value)).toThrow(ClientCertFieldError);
  });

  it.each([
    ['without its padding', ':AQ:'],
    ['with a padding too long', ':AQ===:'],
    ['with bits behind the end', ':AR==:'],
    ['cut inside a byte', ':AQIDB:'],
  ])('is not base64 %s: one certificate has one spelling [RFC8941-4.2.7]', (_title, value) => {
    expect(() => readClientCert(value)).toThrow(ClientCertFieldError);
  });

  it('may be as large as on a connection, and no larger', () => {
    expect(readClientCert(encoded(Buffer.alloc(16_384, 1)))).toHaveLength(16_384);
    const tooLarge = () => readClientCert(encoded(Buffer.alloc(16_385, 1)));
    expect(tooLarge).toThrow(expect.objectContaining({ name: 'CertificateError', code: 'too_large' }));
  });

  it('is the bytes between the colons', () => {
    expect(readClientCert(field).equals(der)).toBe(true);
    expect(readClientCert(':AQ==:')).toEqual(Buffer.of(1));
  });
});

describe('Client-Cert-Chain [RFC9440-2.3]', () => {
  it.each([
    ['nothing', ''],
    ['a comma at the end', `${field},`],
    ['a comma alone', ','],
    ['a parameter', `${field};a, ${field}`],
    ['base64 among byte sequences', `${field}, ${der.toString('base64')}`],
    ['a member larger than a certificate of a chain', `${field}, ${encoded(Buffer.alloc(6_200, 1))}`],
    ['more certificates than a chain has', Array(5).fill(field).join(', ')],
    [
      'more bytes than a chain has',
      Array(4)
        .fill(encoded(Buffer.alloc(6_200, 1)))
        .join(', '),
    ],
  ])('is not %s', (_title, value) => {
    expect(() => readClientCertChain(value)).toThrow(ClientCertFieldError);
  });

  it.each([', ', ',', ' ,\t'])('is a list of byte sequences, in order, with %j between', (comma) => {
    const [first, second, ...more] = readClientCertChain([der, other].map(encoded).join(comma));
    expect([first?.equals(der), second?.equals(other), more]).toEqual([true, true, []]);
  });
});
