/** TLS record and handshake numbers. RFC5246-6.2.1, RFC5246-7.4 */
const HANDSHAKE_RECORD = 22;
const CHANGE_CIPHER_SPEC_RECORD = 20;
const CERTIFICATE_MESSAGE = 11;

/**
 * Reads the certificates out of a client's TLS 1.2 Certificate message, in the order in which they were sent. (Up to TLS
 * 1.2 a client certificate crosses the wire in clear; that it is no secret is the point of more than one attack here.)
 *
 * @param stream what the client has sent so far
 * @returns DER certificates, or `undefined` while the message is not complete
 */
export function readCertificateMessage(stream: Buffer): readonly Buffer[] | undefined {
  const handshake = handshakeBytes(stream);
  for (let at = 0; at + 4 <= handshake.length;) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3);
    if (end > handshake.length) return undefined;
    if (handshake[at] === CERTIFICATE_MESSAGE) return certificatesIn(handshake.subarray(at + 7, end));
    at = end;
  }
  return undefined;
}

/** Joins the payloads of the handshake records up to the point where everything is encrypted. */
function handshakeBytes(stream: Buffer): Buffer {
  const payloads: Buffer[] = [];
  for (let at = 0; at + 5 <= stream.length;) {
    const end = at + 5 + stream.readUInt16BE(at + 3);
    if (stream[at] === CHANGE_CIPHER_SPEC_RECORD || end > stream.length) break;
    if (stream[at] === HANDSHAKE_RECORD) payloads.push(stream.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(payloads);
}

function certificatesIn(list: Buffer): readonly Buffer[] {
  const certificates: Buffer[] = [];
  for (let at = 0; at + 3 <= list.length;) {
    const end = at + 3 + list.readUIntBE(at, 3);
    certificates.push(list.subarray(at + 3, end));
    at = end;
  }
  return certificates;
}
