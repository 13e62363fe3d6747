/** How a thief writes the victim's certificate, which is public, into a request. */
export type Smuggle = (field: string, pem: string) => readonly string[];
export const SMUGGLED: readonly (readonly [title: string, lines: Smuggle])[] = [
  ['a Client-Cert of its own', (field) => [`Client-Cert: ${field}`]],
  ['one with a chain', (field) => [`Client-Cert: ${field}`, `Client-Cert-Chain: ${field}`]],
  ['a chain alone', (field) => [`Client-Cert-Chain: ${field}`]],
  ['two', (field) => [`Client-Cert: ${field}`, `Client-Cert: ${field}`]],
  ['two in one line', (field) => [`Client-Cert: ${field}, ${field}`]],
  ['one with an empty one', (field) => ['Client-Cert:', `Client-Cert: ${field}`]],
  ['one in capitals', (field) => [`CLIENT-CERT: ${field}`]],
  ['one in mixed case', (field) => [`cLiEnT-cErT: ${field}`]],
  ['one with an underscore', (field) => [`Client_Cert: ${field}`]],
  ['one with an underscore beside another', (field) => [`client_cert: ${field}`, `client-cert: ${field}`]],
  ['one that its Connection header names', (field) => [`Client-Cert: ${field}`, 'Connection: close, Client-Cert']],
  ['one with a tab in front', (field) => [`Client-Cert:\t${field}`]],
  ['one with a parameter', (field) => [`Client-Cert: ${field};verified=?1`]],
  ['one in quotes', (field) => [`Client-Cert: "${field}"`]],
  ['one behind an end of its own', (field) => [`Client-Cert: :AA==:, ${field}; x="`]],
  [
    'an X-Forwarded-Client-Cert',
    (_field, pem) => [`X-Forwarded-Client-Cert: Hash=00;Cert="${encodeURIComponent(pem)}"`],
  ],
  [
    'an X-Forwarded-Client-Cert with two elements',
    (_field, pem) => [
      `X-Forwarded-Client-Cert: By=spiffe://holdfast.test/edge-proxy;Cert="${encodeURIComponent(pem)}",By=x`,
    ],
  ],
  [
    'an X-SSL-Client-Cert',
    (_field, pem) => [`X-SSL-Client-Cert: ${encodeURIComponent(pem)}`, 'X-SSL-Client-Verify: SUCCESS'],
  ],
  ['an SSL_CLIENT_CERT', (_field, pem) => [`SSL_CLIENT_CERT: ${encodeURIComponent(pem)}`]],
  [
    'an X-Client-Cert and one of Traefik',
    (field, pem) => [`X-Client-Cert: ${field}`, `X-Forwarded-Tls-Client-Cert: ${encodeURIComponent(pem)}`],
  ],
];

/** Lines that are no HTTP any more: whoever ends TLS may refuse to read on, and must not take them for a certificate. */
export const MALFORMED: readonly (readonly [title: string, lines: Smuggle])[] = [
  ['folded into another line', (field) => ['X-Nothing: x', ` Client-Cert: ${field}`]],
  ['folded after its name', (field) => ['Client-Cert:', ` ${field}`]],
  ['with a space before its colon', (field) => [`Client-Cert : ${field}`]],
  ['behind a bare line feed', (field) => [`X-Nothing: x\nClient-Cert: ${field}`]],
  ['behind a bare carriage return', (field) => [`X-Nothing: x\rClient-Cert: ${field}`]],
  ['with a NUL in its name', (field) => [`Client-Cert\0: ${field}`]],
];
