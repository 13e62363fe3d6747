import { connect as connectPlain } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { content, decode, isTagged, parts, tagged } from '../certificates/der.ts';
import type { Caller } from './caller.ts';
import { failureOf } from './failure.ts';

/** Where a listener is: the host is the name its certificate must carry. */
export interface Door {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Where to connect to, when the name is not what leads there. */
  readonly address?: string;
}

/** What one handshake showed. */
export type TlsSight =
  | {
      readonly kind: 'open';
      /** `TLSv1.3` */
      readonly protocol: string;
      readonly cipher: string;
      /** A client knows the server's signature algorithms only from a CertificateRequest. RFC8446-4.3.2 */
      readonly asksForCertificate: boolean;
      /** What the server gave to come back with, in the moment after the handshake; as this side's library keeps it. */
      readonly session: Buffer | undefined;
      /** Whether the server took up the session it was offered. */
      readonly resumed: boolean;
    }
  /** Ended by the server; `code` is what this side's TLS library called it. */
  | { readonly kind: 'cut-off'; readonly code: string }
  | { readonly kind: 'unreachable'; readonly code: string };

export type TlsOffer = Pick<ConnectionOptions, 'minVersion' | 'maxVersion' | 'ciphers' | 'session'>;

const TIMEOUT_MS = 5_000;
/** Tickets come right behind the handshake. */
const TICKET_MS = 150;

/** One handshake on a connection of its own. Does not throw: a refusal is what is looked for. */
export async function lookAtTls(caller: Caller, door: Door, offer: TlsOffer = {}): Promise<TlsSight> {
  try {
    return await handshake(caller, door, offer);
  } catch (error) {
    const { kind, code } = failureOf(error);
    return { kind, code };
  }
}

function handshake({ route, certificate }: Caller, door: Door, offer: TlsOffer): Promise<TlsSight> {
  return new Promise((resolve, reject) => {
    let session: Buffer | undefined;
    const socket: TLSSocket = connect({
      host: door.address ?? door.host,
      port: door.port,
      servername: door.host,
      ca: route.serverTrust,
      ...(route.lookup === undefined ? {} : { lookup: route.lookup }),
      ...(certificate === undefined ? {} : { cert: certificate.certificatePem, key: certificate.keyPem }),
      ...offer,
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('session', (given) => (session = given));
    // A server that insists on a certificate says so after the handshake of TLS 1.3; what was negotiated stands all the same.
    const look = (): void => {
      const { protocol, cipher, asks, resumed } = sight;
      resolve({ kind: 'open', protocol, cipher, asksForCertificate: asks, session, resumed });
      socket.destroy();
    };
    const sight = { protocol: '', cipher: '', asks: false, resumed: false };
    socket.once('secureConnect', () => {
      sight.protocol = socket.getProtocol() ?? '';
      sight.cipher = socket.getCipher().standardName;
      sight.resumed = socket.isSessionReused();
      sight.asks = socket.getSharedSigalgs().length > 0;
      setTimeout(look, TICKET_MS);
    });
    socket.on('error', (error: Error) => (sight.protocol === '' ? reject(error) : look()));
  });
}

/**
 * How many bytes of early data a session may carry: the member with tag 15 of OpenSSL's structure, which is absent for none.
 * The runtime writes words of its own in front of that structure. RFC8446-4.2.10
 */
export function earlyDataOf(session: Buffer): number {
  const structure = [...session.keys()].map((at) => session.subarray(at)).find(isWholeSequence);
  if (structure === undefined) throw new Error('the session cannot be read');
  const [amount] = parts(parts(decode(structure)).find((part) => isTagged(part, 15)) ?? tagged(15));
  return amount === undefined ? 0 : Number(`0x${content(amount)?.toString('hex') ?? ''}`);
}

/** A DER SEQUENCE of up to 64 KiB that ends where the bytes end. */
const isWholeSequence = (bytes: Buffer): boolean =>
  bytes.length > 4 && bytes.readUInt16BE(0) === 0x3082 && bytes.readUInt16BE(2) === bytes.length - 4;

/** What a door says to a caller that speaks no TLS at all; empty when it says nothing. */
export function speakPlainly({ route }: Caller, door: Door, words: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connectPlain(
      {
        host: door.address ?? door.host,
        port: door.port,
        ...(route.lookup === undefined ? {} : { lookup: route.lookup }),
      },
      () => socket.write(words),
    );
    socket.setTimeout(1_500, () => socket.destroy());
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}
