import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePeerCertificate } from './peer-certificate.ts';
import { thumbprint } from './thumbprint.ts';

// The certificate and the confirmation of RFC 8705 appendix A.
const PEM = `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
`;
const CONFIRMATION = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0';
const certificate = new X509Certificate(PEM);

describe('the thumbprint of a certificate', () => {
  it.each([
    ['the PEM text', () => Buffer.from(PEM)],
    ['the public key', () => certificate.publicKey.export({ type: 'spki', format: 'der' })],
    ['the DER with a byte more', () => Buffer.concat([certificate.raw, Buffer.of(0)])],
  ])('is not that of %s [RFC8705-3.1]', (_, bytes) => {
    expect(thumbprint(bytes())).not.toBe(CONFIRMATION);
  });

  it('is the one of the specification: base64url without padding over the DER [RFC8705-3.1]', () => {
    expect(thumbprint(certificate.raw)).toBe(CONFIRMATION);
    expect(parsePeerCertificate(certificate.raw).thumbprint).toBe(CONFIRMATION);
  });

  it('comes out the same from PEM with CRLF, from a chain file and from under words', () => {
    const words = `Bag Attributes\n    friendlyName: odd\n${PEM.replaceAll('\n', '\r\n')}${PEM}`;
    expect(thumbprint(new X509Certificate(words).raw)).toBe(CONFIRMATION);
  });
});
