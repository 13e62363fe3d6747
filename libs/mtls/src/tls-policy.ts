import { constants } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** X25519MLKEM768 where this build of OpenSSL knows it: recorded traffic then stays closed to a later quantum computer. */
function supportedGroups(): string {
  const classic = 'X25519:P-256:P-384';
  const hybrid = `X25519MLKEM768:${classic}`;
  try {
    createSecureContext({ ecdhCurve: hybrid });
    return hybrid;
  } catch {
    return classic;
  }
}

/** The one table of what every connection of ours speaks; servers and clients alike are built from it. */
export const TLS_POLICY = Object.freeze({
  // FAPI2-SP-FINAL-5.2.1-2 [TLS-01], FAPI2-SP-FINAL-5.2.2-1 [TLS-02], RFC9325-3.1.1 [TLS-03], FAPI1-ADV-8.5-1 [TLS-04]:
  // 1.2 is allowed with two suites; our choice is 1.3 only, so that no 1.2 suite, renegotiation or RSA key exchange
  // exists.
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
  ecdhCurve: supportedGroups(),
  // RFC8446-2.2 [TLS-05], RFC8446-8 [TLS-06]: a resumed session remembers no verdict on the certificate: an expired or
  // revoked one would come back in. So there is none, and no early data, which needs one.
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
} as const);

/** Our choice, no clause: a peer that opens a socket and says nothing holds it this long, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
