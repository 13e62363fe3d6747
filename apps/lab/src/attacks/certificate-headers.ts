import { createHash, X509Certificate } from 'node:crypto';
import type { Field } from '../wire/https-call.ts';

/** The headers in which TLS-terminating proxies hand a client certificate to the application behind them. */
const NAMES = [
  'client-cert',
  'client-cert-chain',
  'x-forwarded-client-cert',
  'x-ssl-client-cert',
  'ssl_client_cert',
  'x-client-cert',
  'x-forwarded-tls-client-cert',
];

/**
 * Every way of pasting somebody's certificate into a request: each header name with each encoding in use, and Envoy's
 * key=value form. The certificate is public; it takes no theft to have it.
 *
 * @returns one list of headers per request, each header once, then each header twice
 */
export function certificateHeaders(certificatePem: string): readonly (readonly Field[])[] {
  const certificate = new X509Certificate(certificatePem);
  const pem = certificate.toString().trim();
  const base64 = certificate.raw.toString('base64');
  const hash = createHash('sha256').update(certificate.raw).digest('hex');
  const encodings = [
    `:${base64}:`, // RFC9440-2.1, a byte sequence
    encodeURIComponent(pem), // nginx, $ssl_client_escaped_cert
    pem.replaceAll('\n', '\t'), // nginx, $ssl_client_cert
    base64, // Traefik
  ];
  const pasted: Field[] = NAMES.flatMap((name) => encodings.map((value): Field => [name, value]));
  const envoy = `Hash=${hash};Cert="${encodeURIComponent(pem)}";Subject="${certificate.subject.replaceAll('\n', ',')}"`;
  pasted.push(['x-forwarded-client-cert', envoy], ['x-forwarded-client-cert', `Hash=${hash}`]);
  return [...pasted.map((field) => [field]), ...pasted.map((field) => [field, field])];
}
