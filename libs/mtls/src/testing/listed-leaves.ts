import type { LeafRequest } from '../authority/index.ts';

/** The leaves of the home layout tests need, `<holder>/<name>`, as `infra/pki/pki.yaml` lists them; a test of tools/pki compares. */
export type LeafName = keyof typeof LISTED_LEAVES;

export type DomainName = 'web' | 'participants' | 'services';

/** What makes one leaf different from another; the rest is the same for all. */
export interface ListedLeaf extends Pick<LeafRequest, 'purpose' | 'dnsNames' | 'uris'> {
  readonly domain: DomainName;
  readonly subject: string;
  readonly key?: 'RSA-2048';
  readonly expired?: true;
}

const webServer = (subject: string, name: string): ListedLeaf => ({
  domain: 'web',
  subject,
  dnsNames: [name],
  purpose: 'server',
});

const participant = (subject: string, name: string, odd: Partial<ListedLeaf> = {}): ListedLeaf => ({
  domain: 'participants',
  subject,
  dnsNames: [name],
  purpose: 'client',
  ...odd,
});

const service = (name: string, purpose: 'both' | 'client', dnsNames: string[]): ListedLeaf => ({
  domain: 'services',
  subject: `CN=${name},O=Holdfast services`,
  uris: [`spiffe://holdfast.test/${name}`],
  dnsNames,
  purpose,
});

const firstClient = (odd?: Partial<ListedLeaf>): ListedLeaf =>
  participant('CN=lab-first-client', 'first-client.lab.localhost', odd);

export const LISTED_LEAVES = {
  'authorization-server/browser': webServer('CN=auth.localhost,O=Harbour Bank', 'auth.localhost'),
  'authorization-server/mtls': webServer('CN=mtls.auth.localhost,O=Harbour Bank', 'mtls.auth.localhost'),
  'bank/api': webServer('CN=api.bank.localhost,O=Harbour Bank', 'api.bank.localhost'),
  'fintech/web': webServer('CN=fintech.localhost,O=Tidepool', 'fintech.localhost'),
  'lab/web': webServer('CN=lab.localhost,O=Holdfast lab', 'lab.localhost'),

  'fintech/transport': participant('CN=tidepool,O=Tidepool', 'client.fintech.localhost'),
  'lab/first-client': firstClient(),
  'lab/second-client': participant('CN=lab-second-client', 'second-client.lab.localhost'),
  'developer/client': participant('CN=developer', 'client.developer.localhost', { key: 'RSA-2048' }),
  'lab/lookalike': firstClient(),
  'lab/expired': firstClient({ expired: true }),
  'lab/wrong-eku': firstClient({ purpose: 'server' }),
  'lab/no-eku': firstClient({ purpose: 'none' }),

  'authorization-server/service': service('authorization-server', 'both', ['rpc.auth.localhost']),
  'bank/service': service('bank', 'both', ['rpc.bank.localhost']),
  'edge-proxy/service': service('edge-proxy', 'client', []),
  'lab/service': service('lab', 'client', []),
} satisfies Record<string, ListedLeaf>;
