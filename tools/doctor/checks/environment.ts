import { existsSync } from 'node:fs';
import type { Found } from '../doctor-findings.ts';
import type { Check } from '../surroundings.ts';

const AUTHORITY_FILES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'CURL_CA_BUNDLE'];
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];

/** Variables that change whom programs trust, or where they connect to. */
export const environment: Check = ({ environment: variables }) => [
  ...(variables['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
    ? [{ code: 'tls_checks_off' as const, detail: 'NODE_TLS_REJECT_UNAUTHORIZED=0' }]
    : []),
  ...AUTHORITY_FILES.flatMap((name) => authorities(name, variables[name])),
  ...proxies(variables),
];

function authorities(name: string, file: string | undefined): Found[] {
  if (file === undefined || file === '') return [];
  return [{ code: existsSync(file) ? 'authorities_added' : 'authorities_unreadable', detail: `${name}=${file}` }];
}

function proxies(variables: NodeJS.ProcessEnv): Found[] {
  const name = PROXIES.find((each) => (variables[each] ?? '') !== '');
  const spared = `${variables['NO_PROXY'] ?? ''},${variables['no_proxy'] ?? ''}`.split(/[,\s]+/);
  // Suffixes are written with a dot or without, by the program's taste.
  const isSpared = spared.some((entry) => ['*', 'localhost', '.localhost', '*.localhost'].includes(entry));
  // A proxy's address may hold a password, and is not shown.
  return name === undefined || isSpared ? [] : [{ code: 'proxy_in_the_way', detail: name }];
}
