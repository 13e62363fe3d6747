import { describe, expect, it } from 'vitest';
import { readCertificateMessage } from './certificate-message.ts';

const record = (type: number, payload: Buffer): Buffer => {
  const header = Buffer.from([type, 3, 3, 0, 0]);
  header.writeUInt16BE(payload.length, 3);
  return Buffer.concat([header, payload]);
};
const sized = (bytes: Buffer): Buffer => {
  const size = Buffer.alloc(3);
  size.writeUIntBE(bytes.length, 0, 3);
  return Buffer.concat([size, bytes]);
};
const handshake = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type]), sized(body)]);

describe('the Certificate message of a TLS 1.2 client [RFC5246-7.4.2]', () => {
  const own = Buffer.from('own leaf');
  const stray = Buffer.from('somebody else');
  const message = handshake(11, sized(Buffer.concat([sized(own), sized(stray)])));
  const hello = record(22, handshake(1, Buffer.alloc(40)));

  it('is not found before it is complete, nor behind the point where everything is encrypted', () => {
    const stream = Buffer.concat([hello, record(22, message)]);
    expect(readCertificateMessage(stream.subarray(0, -1))).toBeUndefined();
    expect(
      readCertificateMessage(Buffer.concat([hello, record(20, Buffer.from([1])), record(22, message)])),
    ).toBeUndefined();
  });

  it('lists every certificate in the order sent, also when it is cut into records', () => {
    const cut = [record(22, message.subarray(0, 9)), record(22, message.subarray(9))];
    expect(readCertificateMessage(Buffer.concat([hello, ...cut]))).toEqual([own, stray]);
  });
});
