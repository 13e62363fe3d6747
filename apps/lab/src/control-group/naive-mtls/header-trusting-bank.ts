import { createHash } from 'node:crypto';
import type { WeakRequest } from '../weak-server.ts';
import type { WeakGrant } from '../weak-tokens.ts';
import { UnboundBank } from './unbound-bank.ts';

/** Headers in which some proxy, somewhere, hands on a client certificate. */
const HEADERS = [
  'client-cert',
  'client-cert-chain',
  'x-forwarded-client-cert',
  'x-ssl-client-cert',
  'ssl_client_cert',
  'x-client-cert',
  'x-forwarded-tls-client-cert',
];

/**
 * A bank that does bind tokens to certificates, and takes the certificate from a header. The header was meant to be
 * written by a proxy; nothing says that it was. A certificate is public, so pasting it in costs nothing.
 */
export class HeaderTrustingBank extends UnboundBank {
  protected override admits(grant: WeakGrant, request: WeakRequest): boolean {
    // Lost here: possession of the private key. Only the certificate is asked for, and everybody has that.
    const presented = HEADERS.map((name) => thumbprintIn(String(request.headers[name] ?? '')));
    return grant.thumbprint !== undefined && presented.includes(grant.thumbprint);
  }
}

/** Helpful to a fault: understands PEM, URL-encoded PEM, RFC 9440 byte sequences and Envoy's key=value pairs. */
function thumbprintIn(header: string): string | undefined {
  const [first = ''] = header.split(',');
  const hash = /Hash=([0-9a-f]{64})/i.exec(first)?.[1];
  if (hash !== undefined) return Buffer.from(hash, 'hex').toString('base64url');
  const text = decodeURIComponent(/Cert="([^"]+)"/.exec(first)?.[1] ?? first);
  const base64 = text.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/[\s:]/g, '');
  return base64 === '' ? undefined : createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64url');
}
